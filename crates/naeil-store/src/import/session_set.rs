//! A compact set of dates: what finds duplicate rows without remembering the rows.

use chrono::{Datelike as _, NaiveDate};

/// Dates as bits, 64 days a word, from the earliest word to the latest that is in use.
#[derive(Debug, Default)]
pub(super) struct SessionSet {
    first_word: i32,
    words: Vec<u64>,
}

impl SessionSet {
    /// Adds a date; `false` if it was there.
    pub(super) fn insert(&mut self, date: NaiveDate) -> bool {
        let day = date.num_days_from_ce();
        let word = day.div_euclid(64);
        if self.words.is_empty() {
            self.first_word = word;
        }
        if word < self.first_word {
            let gap = usize::try_from(self.first_word - word).unwrap_or(0);
            self.words.splice(0..0, std::iter::repeat_n(0, gap));
            self.first_word = word;
        }
        let at = usize::try_from(word - self.first_word).unwrap_or(0);
        if at >= self.words.len() {
            self.words.resize(at + 1, 0);
        }
        let bit = 1_u64 << day.rem_euclid(64);
        let is_new = self.words[at] & bit == 0;
        self.words[at] |= bit;
        is_new
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_tells_what_a_set_of_dates_tells(days in prop::collection::vec(-50_000_i32..50_000, 1..200)) {
            let mut compact = SessionSet::default();
            let mut plain = BTreeSet::new();
            // Twice, so that every date is seen again.
            for day in days.iter().chain(&days) {
                let date = NaiveDate::from_num_days_from_ce_opt(700_000 + day).unwrap();
                prop_assert_eq!(compact.insert(date), plain.insert(date));
            }
        }
    }
}
