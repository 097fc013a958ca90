//! What the name of a file tells: the code of its stock, or the session it holds.

use chrono::NaiveDate;

use super::LayoutError;
use super::check::can_tell_a_date;

/// A name with gaps: `{code}` for letters and digits, `{date:FORMAT}` for a date in the notation of
/// strftime, `*` for anything. The format's ending does not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FileNamePattern {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Anything,
    Code,
    Date(String),
}

/// What a name told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) code: Option<String>,
    pub(super) date: Option<NaiveDate>,
}

impl FileNamePattern {
    pub(super) fn parse(pattern: &str) -> Result<Self, LayoutError> {
        let invalid = |expected| LayoutError::Invalid {
            key: "file_name",
            value: pattern.to_owned(),
            expected,
        };
        let mut parts = Vec::new();
        let mut rest = stem(pattern);
        while !rest.is_empty() {
            let at = rest.find(['{', '*']).unwrap_or(rest.len());
            if at > 0 {
                parts.push(Part::Text(rest[..at].to_owned()));
                rest = &rest[at..];
            } else if let Some(after) = rest.strip_prefix('*') {
                parts.push(Part::Anything);
                rest = after;
            } else {
                let (gap, after) = rest[1..]
                    .split_once('}')
                    .ok_or_else(|| invalid("a { is not closed"))?;
                parts.push(match gap.split_once(':') {
                    None if gap == "code" => Part::Code,
                    None if gap == "date" => Part::Date("%Y%m%d".to_owned()),
                    Some(("date", format)) if can_tell_a_date(format) => {
                        Part::Date(format.to_owned())
                    }
                    _ => return Err(invalid("its gaps are {code} and {date:%Y%m%d}")),
                });
                rest = after;
            }
        }
        let pattern = Self { parts };
        if !pattern.tells_code() && !pattern.tells_date() {
            return Err(invalid("it has neither {code} nor {date:%Y%m%d}"));
        }
        Ok(pattern)
    }

    pub(super) fn tells_code(&self) -> bool {
        self.parts.contains(&Part::Code)
    }

    pub(super) fn tells_date(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Date(_)))
    }

    /// What a file's name tells; `None` if it does not fit.
    pub(super) fn read(&self, name: &str) -> Option<Told> {
        fit(&self.parts, stem(name))
    }
}

fn fit(parts: &[Part], name: &str) -> Option<Told> {
    let Some((part, parts)) = parts.split_first() else {
        return name.is_empty().then(Told::default);
    };
    let ends = || name.char_indices().map(|(at, c)| at + c.len_utf8());
    match part {
        Part::Text(text) => fit(parts, name.strip_prefix(text.as_str())?),
        Part::Anything => std::iter::once(0)
            .chain(ends())
            .find_map(|end| fit(parts, &name[end..])),
        Part::Code => {
            let n = name
                .find(|c: char| !c.is_ascii_alphanumeric())
                .unwrap_or(name.len());
            // The longest first: a code is rarely followed by another letter or digit.
            (1..=n).rev().find_map(|end| {
                let mut told = fit(parts, &name[end..])?;
                told.code = Some(name[..end].to_owned());
                Some(told)
            })
        }
        Part::Date(format) => {
            let (date, rest) = NaiveDate::parse_and_remainder(name, format).ok()?;
            // Not 2024112, which would be read as the second of November.
            let written = &name[..name.len() - rest.len()];
            if date.format(format).to_string() != written {
                return None;
            }
            let mut told = fit(parts, rest)?;
            told.date = Some(date);
            Some(told)
        }
    }
}

/// A file's name without the ending that says its format.
fn stem(name: &str) -> &str {
    let lower = name.to_ascii_lowercase();
    [".csv.gz", ".csv", ".parquet"]
        .into_iter()
        .find(|ending| lower.ends_with(ending))
        .map_or(name, |ending| &name[..name.len() - ending.len()])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, name: &str, expected: Option<(Option<&str>, Option<&str>)>) {
        let told = FileNamePattern::parse(pattern).unwrap().read(name);
        let told = told.map(|told| (told.code, told.date.map(|date| date.to_string())));
        let expected =
            expected.map(|(code, date)| (code.map(str::to_owned), date.map(str::to_owned)));
        assert_eq!(told, expected, "{pattern} on {name}");
    }

    #[test]
    fn names_tell_codes_and_dates() {
        check("{code}.csv", "005930.csv", Some((Some("005930"), None)));
        check("{code}", "00104K.csv.gz", Some((Some("00104K"), None)));
        check("{code}.csv", "삼성전자.csv", None);
        check("A{code}.csv", "A005930.CSV", Some((Some("005930"), None)));
        check(
            "{code}_*.csv",
            "005930_삼성.csv",
            Some((Some("005930"), None)),
        );
        let session = Some((None, Some("2024-01-02")));
        check("data_{date:%Y%m%d}.csv", "data_20240102.csv", session);
        check("*{date:%Y%m%d}.csv", "data_5143_20240102.csv", session);
        check("*{date:%Y-%m-%d}", "all 2024-01-02.parquet", session);
        check("{date}.csv", "20240102.csv", session);
        check("{date}.csv", "20240102 (1).csv", None);
        check("{date}.csv", "20241301.csv", None);
        check("{date}.csv", "2024112.csv", None);
        check("{date:%Y-%m-%d}.csv", "2024-1-2.csv", None);
        check(
            "{code}-{date:%y%m%d}",
            "005930-240102.csv",
            Some((Some("005930"), Some("2024-01-02"))),
        );
    }

    #[test]
    fn a_pattern_that_tells_nothing_is_refused() {
        for pattern in ["data.csv", "{codes}.csv", "{code.csv", "{date:%Y}.csv", "*"] {
            let error = FileNamePattern::parse(pattern).unwrap_err().to_string();
            assert!(error.contains(&format!("'{pattern}'")), "{error}");
        }
    }
}
