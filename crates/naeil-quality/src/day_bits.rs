//! A set of days in one bit a day.

use chrono::NaiveDate;

/// Days of a life, one bit each from the first one on.
#[derive(Debug, Clone)]
pub(crate) struct DayBits {
    first: NaiveDate,
    words: Vec<u64>,
}

impl DayBits {
    /// A set that can hold `first` and later days.
    pub(crate) fn starting(first: NaiveDate) -> Self {
        Self {
            first,
            words: Vec::new(),
        }
    }

    /// Adds a day; days before the first one are no part of a life and are left out.
    pub(crate) fn insert(&mut self, day: NaiveDate) {
        let Some((word, bit)) = self.place(day) else {
            return;
        };
        if word >= self.words.len() {
            self.words.resize(word + 1, 0);
        }
        self.words[word] |= 1 << bit;
    }

    /// Whether a day is in it.
    pub(crate) fn contains(&self, day: NaiveDate) -> bool {
        self.place(day)
            .is_some_and(|(word, bit)| self.words.get(word).is_some_and(|w| w & (1 << bit) != 0))
    }

    fn place(&self, day: NaiveDate) -> Option<(usize, u32)> {
        let offset = usize::try_from((day - self.first).num_days()).ok()?;
        Some((offset / 64, (offset % 64) as u32))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_come_out_as_they_went_in() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let mut bits = DayBits::starting(day("2018-04-06"));
        let days = [day("2018-04-06"), day("2018-04-09"), day("2019-01-02")];
        for d in days {
            bits.insert(d);
        }
        bits.insert(day("2018-04-05"));
        assert!(days.iter().all(|&d| bits.contains(d)));
        assert!(!bits.contains(day("2018-04-10")));
        assert!(!bits.contains(day("2018-04-05")) && !bits.contains(day("2030-01-02")));
    }
}
