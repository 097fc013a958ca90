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

/// Reads a date in a notation of strftime.
pub(super) fn parse_date_as(format: &str, text: &str) -> Result<NaiveDate, Refusal> {
    let is_it = |date: &NaiveDate| {
        // Digits alone do not say where the month ends if some are left out: 2024112.
        !text.bytes().all(|byte| byte.is_ascii_digit()) || date.format(format).to_string() == text
    };
    let date = NaiveDate::parse_from_str(text, format).ok().filter(is_it);
    date.ok_or_else(|| {
        let explanation = format!("date is not a day written as {format}");
        Refusal::new(RefusalReason::BadDate, explanation, text)
    })
}

/// Reads a number that may have `thousands` between groups of three digits.
pub(super) fn parse_grouped_number(
    column: &str,
    text: &str,
    thousands: Option<char>,
) -> Result<f64, Refusal> {
    let Some(thousands) = thousands.filter(|&separator| text.contains(separator)) else {
        return parse_number(column, text);
    };
    let whole = text.split('.').next().unwrap_or_default();
    let mut groups = whole.trim_start_matches(['-', '+']).split(thousands);
    let first = groups.next().map_or(0, str::len);
    let is_grouped = (1..=3).contains(&first) && groups.all(|group| group.len() == 3);
    if !is_grouped || text[whole.len()..].contains(thousands) {
        let explanation = format!("{column} is not a number in groups of three digits");
        return Err(Refusal::new(RefusalReason::BadNumber, explanation, text));
    }
    parse_number(column, &text.replace(thousands, "")).map_err(|refusal| Refusal {
        value: text.to_owned(),
        ..refusal
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
    fn groups_of_three_digits_and_no_others() {
        let read = |text| parse_grouped_number("open", text, Some(','));
        assert_eq!(read("71,000"), Ok(71_000.0));
        assert_eq!(read("-1,234,567.5"), Ok(-1_234_567.5));
        assert_eq!(read("300"), Ok(300.0));
        for text in ["1,00", "71,0000", ",100", "1,000.0,0", "1,a00"] {
            let refusal = read(text).unwrap_err();
            assert_eq!(refusal.reason.code(), "bad_number", "{text}");
            assert_eq!(refusal.value, text);
        }
    }

    #[test]
    fn dates_as_a_layout_writes_them() {
        let expected = NaiveDate::from_ymd_opt(2024, 2, 29).unwrap();
        assert_eq!(parse_date_as("%Y/%m/%d", "2024/02/29"), Ok(expected));
        assert_eq!(parse_date_as("%Y/%m/%d", "2024/2/29"), Ok(expected));
        assert_eq!(parse_date_as("%Y%m%d", "20240229"), Ok(expected));
        assert!(parse_date_as("%Y%m%d", "2024229").is_err());
        let refusal = parse_date_as("%Y/%m/%d", "2024-02-29").unwrap_err();
        assert_eq!(refusal.explanation, "date is not a day written as %Y/%m/%d");
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
