//! Which sessions may be learned from: those of a calendar, others only on request.

use naeil_domain::{BarPanel, Session, TradingCalendar};

use crate::context::StageContext;
use crate::error::StageError;

/// Cuts off the sessions before the calendar begins, unless the settings ask for them.
///
/// Observed sessions are those on which somebody's bars exist: a session that the source lacks is
/// then no gap but invisible, and every label across it is a session too long.
///
/// # Errors
/// [`StageError::NoCalendar`] if no session is covered, or one after the calendar's end is left.
pub(super) fn apply(context: &StageContext, panel: BarPanel) -> Result<BarPanel, StageError> {
    let data = &context.config.data;
    if data.observed_calendar {
        return Ok(panel);
    }
    let n_covered =
        covered(panel.sessions(), context.ports.calendar.as_ref()).map_err(|(first, last)| {
            StageError::NoCalendar {
                exchange: data.exchange,
                first,
                last,
            }
        })?;
    let n_cut = panel.sessions().len() - n_covered;
    if n_cut == 0 {
        return Ok(panel);
    }
    context.progress.note(&format!(
        "the first {n_cut} sessions are older than the trading calendar and are left out; \
         --observed-calendar would learn from them"
    ));
    let cut = panel.last_sessions(n_covered);
    Ok(cut.retain_stocks(|stock_idx, _| {
        cut.stock_bars(stock_idx)
            .close
            .iter()
            .any(|close| !close.is_nan())
    }))
}

/// How many sessions at the end are covered, or the first and the last that are not.
fn covered(
    sessions: &[Session],
    calendar: Option<&TradingCalendar>,
) -> Result<usize, (Session, Session)> {
    let covers = |session: &Session| calendar.is_some_and(|c| c.covers(session.date()));
    let (Some(&first), Some(&last)) = (sessions.first(), sessions.last()) else {
        return Ok(0);
    };
    if !covers(&last) {
        let known = sessions.iter().rposition(covers);
        let first_unknown = known.map_or(first, |known| sessions[known + 1]);
        return Err((first_unknown, last));
    }
    Ok(sessions.iter().rev().take_while(|s| covers(s)).count())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sessions(dates: &[&str]) -> Vec<Session> {
        dates.iter().map(|d| Session::parse(d).unwrap()).collect()
    }

    #[test]
    fn only_the_end_that_the_calendar_covers_is_kept() {
        let calendar = TradingCalendar::xkrx();
        let check = |dates: &[&str], expected: Result<usize, (&str, &str)>| {
            let expected = expected.map_err(|(first, last)| {
                (
                    Session::parse(first).unwrap(),
                    Session::parse(last).unwrap(),
                )
            });
            assert_eq!(covered(&sessions(dates), Some(&calendar)), expected);
        };
        check(&[], Ok(0));
        check(&["2024-01-02", "2024-01-03"], Ok(2));
        check(&["2009-12-29", "2009-12-30", "2010-01-04"], Ok(1));
        check(&["2009-12-30"], Err(("2009-12-30", "2009-12-30")));
        // No calendar knows the far future either.
        check(
            &["2024-01-02", "2098-01-02", "2098-01-03"],
            Err(("2098-01-02", "2098-01-03")),
        );
        let without = covered(&sessions(&["2024-01-02"]), None);
        assert!(without.is_err());
    }
}
