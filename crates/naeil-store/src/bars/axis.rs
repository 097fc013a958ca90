//! The sessions that a read spans.

use chrono::NaiveDate;
use naeil_domain::{Session, TradingCalendar};

/// Ascending sessions and the way back from a date to its place.
pub(crate) struct SessionAxis {
    sessions: Vec<Session>,
    /// Place of each day since the first session; `u32::MAX` where there is none.
    place_of_day: Vec<u32>,
}

impl SessionAxis {
    /// The calendar's sessions between the first and the last observed date wherever there is a
    /// calendar and it covers them, and every observed date in any case, so that no bar is lost; of
    /// these the last so many.
    pub(super) fn new(
        observed: &[NaiveDate],
        calendar: Option<&TradingCalendar>,
        last_sessions: Option<usize>,
    ) -> Self {
        let mut dates = observed.to_vec();
        if let (Some(&first), Some(&last), Some(calendar)) =
            (observed.first(), observed.last(), calendar)
        {
            let trades = |date: &NaiveDate| calendar.is_session(*date).is_ok_and(|trades| trades);
            dates.extend(first.iter_days().take_while(|&d| d <= last).filter(trades));
            dates.sort_unstable();
            dates.dedup();
        }
        let skipped = last_sessions.map_or(0, |n| dates.len().saturating_sub(n));
        Self::of(&dates[skipped..])
    }

    fn of(dates: &[NaiveDate]) -> Self {
        let mut place_of_day = Vec::new();
        if let (Some(&first), Some(&last)) = (dates.first(), dates.last()) {
            place_of_day = vec![u32::MAX; day_offset(first, last).map_or(0, |days| days + 1)];
            for (place, &date) in (0_u32..).zip(dates) {
                if let Some(entry) = day_offset(first, date).and_then(|d| place_of_day.get_mut(d)) {
                    *entry = place;
                }
            }
        }
        Self {
            sessions: dates.iter().copied().map(Session::new).collect(),
            place_of_day,
        }
    }

    pub(super) fn sessions(&self) -> &[Session] {
        &self.sessions
    }

    /// First and last date, if there is any.
    pub(super) fn bounds(&self) -> Option<(NaiveDate, NaiveDate)> {
        let first = self.sessions.first()?.date();
        let last = self.sessions.last()?.date();
        Some((first, last))
    }

    pub(super) fn index_of(&self, date: NaiveDate) -> Option<usize> {
        let first = self.sessions.first()?.date();
        let place = *self.place_of_day.get(day_offset(first, date)?)?;
        (place != u32::MAX).then_some(place as usize)
    }

    /// The first session on or after a date, unless the date lies before all of them.
    pub(super) fn index_from(&self, date: NaiveDate) -> Option<usize> {
        let place = self.sessions.partition_point(|at| at.date() < date);
        let is_within = place < self.sessions.len() && self.sessions[0].date() <= date;
        is_within.then_some(place)
    }
}

fn day_offset(first: NaiveDate, date: NaiveDate) -> Option<usize> {
    usize::try_from((date - first).num_days()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn axis(observed: &[&str], last: Option<usize>) -> Vec<String> {
        let observed: Vec<NaiveDate> = observed.iter().map(|text| date(text)).collect();
        let axis = SessionAxis::new(&observed, Some(&TradingCalendar::xkrx()), last);
        for (idx, session) in axis.sessions().iter().enumerate() {
            assert_eq!(axis.index_of(session.date()), Some(idx));
        }
        axis.sessions().iter().map(Session::to_string).collect()
    }

    #[test]
    fn the_calendar_fills_gaps_where_it_covers_the_dates() {
        // 2021-02-11 and 12 are the Lunar New Year, 13 and 14 a weekend.
        assert_eq!(
            axis(&["2021-02-09", "2021-02-15"], None),
            ["2021-02-09", "2021-02-10", "2021-02-15"]
        );
        assert_eq!(axis(&["2021-02-09", "2021-02-15"], Some(1)), ["2021-02-15"]);
    }

    #[test]
    fn observed_sessions_count_where_it_does_not_and_are_never_lost() {
        // 2009 is not covered; 2010-01-02 and 03 are a weekend; 2010-01-01 is closed, but a bar of
        // that day would be kept.
        assert_eq!(
            axis(
                &["2009-12-28", "2009-12-30", "2010-01-01", "2010-01-05"],
                None
            ),
            [
                "2009-12-28",
                "2009-12-30",
                "2010-01-01",
                "2010-01-04",
                "2010-01-05"
            ]
        );
        assert!(axis(&[], Some(5)).is_empty());
    }

    #[test]
    fn a_date_outside_has_no_place() {
        let axis = SessionAxis::new(&[date("2021-02-09")], None, None);
        assert_eq!(axis.index_of(date("2021-02-08")), None);
        assert_eq!(axis.index_of(date("2021-02-10")), None);
        let two = SessionAxis::new(&[date("2021-02-09"), date("2021-02-15")], None, None);
        let from = ["2021-02-08", "2021-02-09", "2021-02-10", "2021-02-16"]
            .map(|text| two.index_from(date(text)));
        assert_eq!(from, [None, Some(0), Some(1), None]);
    }
}
