//! What rows say about their stock beyond its bars; the newest session that says something counts,
//! and silence never takes anything back.

use chrono::NaiveDate;
use sea_orm::Value;

use super::row::RowDetails;

/// Longer texts are cut: a sector is a word or two.
const MAX_TEXT_CHARS: usize = 120;

/// The columns of the table of stocks, each with the one that says when it was stated.
pub(super) const DETAIL_COLUMNS: [(&str, &str); 4] = [
    ("isin", "isin_as_of"),
    ("sector", "sector_as_of"),
    ("listed_on", "listed_as_of"),
    ("delisted_on", "delisted_as_of"),
];

/// A value and the session whose row stated it.
type Stated<T> = Option<(T, NaiveDate)>;

/// What one source says about one stock.
#[derive(Debug, Default)]
pub(super) struct StatedDetails {
    isin: Stated<String>,
    sector: Stated<String>,
    listed_on: Stated<NaiveDate>,
    delisted_on: Stated<NaiveDate>,
}

impl StatedDetails {
    pub(super) fn hear(&mut self, session: NaiveDate, row: &RowDetails<'_>) {
        hear_text(&mut self.isin, session, row.isin);
        hear_text(&mut self.sector, session, row.sector);
        hear_date(&mut self.listed_on, session, row.listed_on);
        hear_date(&mut self.delisted_on, session, row.delisted_on);
    }

    /// In the order of [`DETAIL_COLUMNS`], value and session by turns.
    pub(super) fn values(&self) -> [Value; 8] {
        let text = |stated: &Stated<String>| stated.as_ref().map(|(text, _)| text.clone());
        let date = |stated: &Stated<NaiveDate>| stated.map(|(date, _)| date);
        [
            text(&self.isin).into(),
            self.isin.as_ref().map(|(_, as_of)| *as_of).into(),
            text(&self.sector).into(),
            self.sector.as_ref().map(|(_, as_of)| *as_of).into(),
            date(&self.listed_on).into(),
            self.listed_on.map(|(_, as_of)| as_of).into(),
            date(&self.delisted_on).into(),
            self.delisted_on.map(|(_, as_of)| as_of).into(),
        ]
    }
}

fn hear_text(stated: &mut Stated<String>, session: NaiveDate, said: Option<&str>) {
    let Some(said) = said.map(str::trim).filter(|said| !said.is_empty()) else {
        return;
    };
    match stated {
        Some((_, as_of)) if *as_of > session => {}
        // Most rows repeat the one before.
        Some((text, as_of)) if text == said => *as_of = session,
        _ => *stated = Some((said.chars().take(MAX_TEXT_CHARS).collect(), session)),
    }
}

fn hear_date(stated: &mut Stated<NaiveDate>, session: NaiveDate, said: Option<NaiveDate>) {
    if let Some(said) = said
        && stated.is_none_or(|(_, as_of)| as_of <= session)
    {
        *stated = Some((said, session));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_session_that_says_something_counts() {
        let day = |n| NaiveDate::from_ymd_opt(2024, 1, n).unwrap();
        let sector = |text| RowDetails {
            sector: Some(text),
            ..RowDetails::default()
        };
        let mut details = StatedDetails::default();
        details.hear(day(3), &sector("Chips"));
        details.hear(day(2), &sector("Radios"));
        details.hear(day(4), &sector("  "));
        assert_eq!(details.sector, Some(("Chips".to_owned(), day(3))));
        details.hear(day(5), &sector(" Phones "));
        assert_eq!(details.sector, Some(("Phones".to_owned(), day(5))));
        let listed = RowDetails {
            listed_on: Some(day(1)),
            ..RowDetails::default()
        };
        details.hear(day(2), &listed);
        details.hear(
            day(1),
            &RowDetails {
                listed_on: Some(day(9)),
                ..listed
            },
        );
        assert_eq!(details.listed_on, Some((day(1), day(2))));
    }
}
