//! The sessions that bars are measured against.

use chrono::{Datelike as _, NaiveDate};
use naeil_domain::TradingCalendar;

use crate::market::MarketTally;

/// The sessions of an exchange from the first to the last with a bar: the calendar's where it
/// covers the day, else those with a bar.
#[derive(Debug)]
pub(crate) struct Axis {
    /// Ascending.
    pub(crate) sessions: Vec<NaiveDate>,
    /// Sessions of the calendar without one bar.
    pub(crate) empty: Vec<NaiveDate>,
    /// Days with bars that are no sessions of the calendar.
    pub(crate) off_calendar: Vec<NaiveDate>,
    /// Sessions that no calendar vouches for.
    pub(crate) observed: usize,
    /// The first and the last year of them.
    pub(crate) observed_years: Option<(i32, i32)>,
}

impl Axis {
    /// Lays out the sessions, and counts every code's and every session's missing bars.
    pub(crate) fn new(market: &mut MarketTally, calendar: Option<&TradingCalendar>) -> Self {
        let mut axis = Self::of_days(market, calendar);
        axis.count_gaps(market);
        axis.sessions.shrink_to_fit();
        axis
    }

    fn of_days(market: &MarketTally, calendar: Option<&TradingCalendar>) -> Self {
        let mut axis = Self {
            sessions: Vec::new(),
            empty: Vec::new(),
            off_calendar: Vec::new(),
            observed: 0,
            observed_years: None,
        };
        let with_bars = &market.sessions;
        let (Some((&first, _)), Some((&last, _))) =
            (with_bars.first_key_value(), with_bars.last_key_value())
        else {
            return axis;
        };
        for day in first.iter_days().take_while(|&day| day <= last) {
            let has_bars = with_bars.contains_key(&day);
            match calendar.map(|calendar| calendar.is_session(day)) {
                Some(Ok(true)) => {
                    axis.sessions.push(day);
                    if !has_bars {
                        axis.empty.push(day);
                    }
                }
                Some(Ok(false)) if has_bars => axis.off_calendar.push(day),
                Some(Ok(false)) => {}
                // No calendar, or a year that it does not know.
                Some(Err(_)) | None if has_bars => {
                    axis.sessions.push(day);
                    axis.observed += 1;
                    let (from, _) = axis.observed_years.unwrap_or((day.year(), 0));
                    axis.observed_years = Some((from, day.year()));
                }
                Some(Err(_)) | None => {}
            }
        }
        axis
    }

    /// The first session, if there is one.
    pub(crate) fn first(&self) -> Option<NaiveDate> {
        self.sessions.first().copied()
    }

    /// The sessions strictly between two days.
    pub(crate) fn between(&self, after: NaiveDate, before: NaiveDate) -> &[NaiveDate] {
        let from = self.sessions.partition_point(|&day| day <= after);
        let until = self.sessions.partition_point(|&day| day < before);
        &self.sessions[from..until.max(from)]
    }

    /// How many sessions lie after a day.
    pub(crate) fn after(&self, day: NaiveDate) -> usize {
        self.sessions.len() - self.sessions.partition_point(|&session| session <= day)
    }

    fn count_gaps(&self, market: &mut MarketTally) {
        for code in &mut market.codes {
            let mut run = 0;
            for day in self.between(code.first, code.last) {
                // A session without any bar is told once, not for every code.
                let Some(session) = market.sessions.get_mut(day) else {
                    continue;
                };
                if code.days.contains(*day) {
                    run = 0;
                    continue;
                }
                session.missing += 1;
                run += 1;
                code.gaps += 1;
                code.longest_gap = code.longest_gap.max(run);
            }
        }
    }
}
