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
    use super::*;

    #[test]
    fn every_date_is_new_once_whatever_the_order() {
        let mut set = SessionSet::default();
        let middle = NaiveDate::from_ymd_opt(2020, 6, 1).unwrap();
        let days = [0_i64, 1, 400, -1, -900, 63, 64, -64, 5000];
        for days in days {
            assert!(set.insert(middle + chrono::Duration::days(days)), "{days}");
        }
        for days in days {
            assert!(!set.insert(middle + chrono::Duration::days(days)), "{days}");
        }
        assert!(set.insert(middle + chrono::Duration::days(2)));
    }
}
