//! Steps of a price that look like a division or a merger of shares.

/// How far a measured ratio may lie from a simple one: what an opening usually differs from the
/// close before.
const TOLERANCE: f64 = 0.05;

/// Largest whole ratio that is looked for; beyond, neighbouring whole numbers lie so close that
/// every ratio is near one.
const MOST: f64 = 100.0;

/// Large ratios that occur: a par value is divided by a round number. They go before the nearest
/// whole number, which an overnight move of 2 % would miss.
const USUAL: [f64; 4] = [20.0, 25.0, 50.0, 100.0];

/// Ratios of bonus issues, between whole ones.
const BROKEN: [f64; 5] = [1.5, 4.0 / 3.0, 1.8, 1.25, 2.5];

/// The simple ratio that `measured` (price before / price after) lies near: n for an n:1 split,
/// 1/n for a consolidation, or a usual bonus issue.
pub(crate) fn simple_ratio(measured: f64) -> Option<f64> {
    let near = |candidate: f64| (measured / candidate - 1.0).abs() <= TOLERANCE;
    whole_ratio(measured).or_else(|| BROKEN.into_iter().find(|&c| near(c)))
}

/// The whole ratio, n or 1/n, that `measured` lies near.
pub(crate) fn whole_ratio(measured: f64) -> Option<f64> {
    if !(measured.is_finite() && measured > 0.0) {
        return None;
    }
    let upwards = measured < 1.0;
    let size = if upwards { 1.0 / measured } else { measured };
    let near = |whole: f64| (size / whole - 1.0).abs() <= TOLERANCE;
    let usual = USUAL.into_iter().find(|&whole| near(whole));
    let whole = usual.unwrap_or(size.round());
    if !near(whole) || !(2.0..=MOST).contains(&whole) {
        return None;
    }
    Some(if upwards { 1.0 / whole } else { whole })
}

/// A ratio in words: `50:1`, `1:10`, or with two decimals.
pub(crate) fn in_words(ratio: f64) -> String {
    let whole = |x: f64| (x - x.round()).abs() < 1e-9;
    if ratio >= 1.0 && whole(ratio) {
        format!("{ratio:.0}:1")
    } else if ratio < 1.0 && whole(1.0 / ratio) {
        format!("1:{:.0}", 1.0 / ratio)
    } else if ratio >= 1.0 {
        format!("{ratio:.2}:1")
    } else {
        format!("1:{:.2}", 1.0 / ratio)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_ratios_are_found_in_both_directions() {
        // Samsung Electronics, 2018-04-09: close before over open.
        assert_eq!(whole_ratio(2_420_000.0 / 48_260.0), Some(50.0));
        assert_eq!(whole_ratio(769_000.0 / 154_400.0), Some(5.0));
        assert_eq!(whole_ratio(51.2), Some(50.0));
        assert_eq!(whole_ratio(30.1), Some(30.0));
        assert_eq!(whole_ratio(0.1), Some(0.1));
        assert_eq!(whole_ratio(1.0), None);
        assert_eq!(whole_ratio(2.4726), None);
        assert_eq!(simple_ratio(1.5), Some(1.5));
        assert_eq!(simple_ratio(1.1), None);
        for broken in [f64::NAN, 0.0, -3.0, f64::INFINITY] {
            assert_eq!(simple_ratio(broken), None);
        }
    }

    #[test]
    fn ratios_are_written_as_people_write_them() {
        assert_eq!(in_words(50.0), "50:1");
        assert_eq!(in_words(0.1), "1:10");
        assert_eq!(in_words(1.5), "1.50:1");
        assert_eq!(in_words(1.0 / 2.5), "1:2.50");
    }
}
