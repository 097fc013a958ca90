//! Reading dates and numbers from text.

use chrono::NaiveDate;

use super::row::{Refusal, RefusalReason};

/// Reads `YYYY-MM-DD` or `YYYYMMDD`.
pub(super) fn parse_date(text: &str) -> Result<NaiveDate, Refusal> {
    let digits = |part: &str| -> Option<u32> {
        let all_digits = part.bytes().all(|byte| byte.is_ascii_digit());
        all_digits.then(|| part.parse().ok()).flatten()
    };
    let parts = match text.as_bytes() {
        [_, _, _, _, b'-', _, _, b'-', _, _] => {
            text.get(..4).zip(text.get(5..7)).zip(text.get(8..))
        }
        [_, _, _, _, _, _, _, _] => text.get(..4).zip(text.get(4..6)).zip(text.get(6..)),
        _ => None,
    };
    parts
        .and_then(|((year, month), day)| {
            let year = i32::try_from(digits(year)?).ok()?;
            NaiveDate::from_ymd_opt(year, digits(month)?, digits(day)?)
        })
        .ok_or_else(|| {
            let explanation = "date is not a day written as YYYY-MM-DD or YYYYMMDD";
            Refusal::new(RefusalReason::BadDate, explanation, text)
        })
}

/// Reads a number with a decimal point; no thousands separators, no units.
pub(super) fn parse_number(column: &str, text: &str) -> Result<f64, Refusal> {
    if text.is_empty() {
        return Err(Refusal::missing(column));
    }
    text.parse().map_err(|_| {
        let explanation = format!("{column} is not a number");
        Refusal::new(RefusalReason::BadNumber, explanation, text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_in_both_spellings_and_nothing_else() {
        let expected = NaiveDate::from_ymd_opt(2024, 2, 29).unwrap();
        assert_eq!(parse_date("2024-02-29"), Ok(expected));
        assert_eq!(parse_date("20240229"), Ok(expected));
        for text in [
            "",
            "2023-02-29",
            "2024-2-29",
            "29-02-2024",
            "2024/02/29",
            "20241301",
            "+024-01-01",
            "2024-02-2\u{ff19}",
            "날짜날짜",
            "2024-02-29T00:00",
        ] {
            let refusal = parse_date(text).unwrap_err();
            assert_eq!(refusal.reason.code(), "bad_date", "{text}");
            assert_eq!(refusal.value, text);
        }
    }

    #[test]
    fn numbers_with_a_point_only() {
        assert_eq!(parse_number("open", "71000"), Ok(71000.0));
        assert_eq!(parse_number("open", "-1.5e3"), Ok(-1500.0));
        for text in ["71,000", "abc", "1.2.3", "0x10", "₩100"] {
            let refusal = parse_number("open", text).unwrap_err();
            assert_eq!(refusal.reason.code(), "bad_number", "{text}");
            assert_eq!(refusal.explanation, "open is not a number");
        }
        let missing = parse_number("open", "").unwrap_err();
        assert_eq!(missing.reason.code(), "missing_value");
    }
}
