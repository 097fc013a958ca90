//! Extractors that are stricter than the framework's and answer with our problems.

pub(crate) mod fields;
pub(crate) mod json;
pub(crate) mod query;
pub(crate) mod stock_code;

/// The nearest known name, if the unknown one looks like a slip of the pen.
fn did_you_mean(unknown: &str, known: &[&'static str]) -> Option<&'static str> {
    let distance = |name: &&str| strsim::damerau_levenshtein(&unknown.to_lowercase(), name);
    known
        .iter()
        .copied()
        .min_by_key(distance)
        .filter(|name| distance(name) <= 1 + name.len() / 4)
}

/// "; did you mean 'x'? known are x, y".
pub(crate) fn suggestion(unknown: &str, known: &[&'static str]) -> String {
    let all = known.join(", ");
    match did_you_mean(unknown, known) {
        Some(name) => format!("did you mean '{name}'? known are: {all}"),
        None => format!("known are: {all}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_recognised_and_strangers_are_not() {
        let known = ["stock_codes", "horizon"];
        assert_eq!(did_you_mean("stock_code", &known), Some("stock_codes"));
        assert_eq!(did_you_mean("Horizon", &known), Some("horizon"));
        assert_eq!(did_you_mean("horzion", &known), Some("horizon"));
        assert_eq!(did_you_mean("model_version", &known), None);
        assert_eq!(did_you_mean("", &known), None);
    }
}
