//! From a probability to an answer.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use naeil_domain::calendar::kst;
use naeil_domain::{
    CacheKey, CalendarError, DataOrigin, Direction, Prediction, Reason, RelativePlace, Session,
    TradingCalendar,
};

use crate::champion::Champion;

/// All that an answer is made of, beside the champion.
#[derive(Debug, Clone)]
pub(crate) struct Ingredients {
    pub(crate) key: CacheKey,
    pub(crate) probability_up: f64,
    pub(crate) relative: RelativePlace,
    pub(crate) origin: DataOrigin,
    pub(crate) now: DateTime<Utc>,
}

/// Makes an answer: direction by the champion's policy, the target session by the calendar, and
/// what the reader should know.
///
/// # Errors
/// [`CalendarError`] if the target session lies outside its data.
pub(crate) fn compose(
    champion: &Champion,
    calendar: &TradingCalendar,
    ingredients: Ingredients,
) -> Result<Prediction, CalendarError> {
    let Ingredients {
        key,
        probability_up,
        relative,
        origin,
        now,
    } = ingredients;
    let policy = &champion.description.policy;
    let (direction, confidence) = policy.decide(key.horizon, probability_up);
    let target_session = calendar.nth_session_after(key.as_of, key.horizon.steps())?;
    let is_stale = is_stale(key.as_of, calendar, now);
    Ok(Prediction {
        id: key.prediction_id(),
        direction,
        confidence,
        probability_up,
        relative,
        model_version: champion.version.version.clone(),
        model_digest: key.model_digest,
        as_of: key.as_of,
        target_session,
        data_revision: key.data_revision,
        predicted_at: now,
        features_used: Arc::clone(&champion.features_used),
        reasons: reasons(is_stale, direction, origin),
        stock_code: key.stock_code,
        horizon: key.horizon,
    })
}

/// Whether bars of the last completed session are missing, of an answer whose target session the
/// calendar knows.
///
/// Once `now` lies beyond the calendar, that target session itself has completed without its bars,
/// so the answer is stale, whichever session was the last.
fn is_stale(as_of: Session, calendar: &TradingCalendar, now: DateTime<Utc>) -> bool {
    match calendar.last_completed_session(now) {
        Ok(last) => as_of < last,
        Err(_) => calendar.covered_until() < now.with_timezone(&kst()).date_naive(),
    }
}

/// What the reader should know, the most urgent first. No model has a calibration or return
/// quantiles yet, so every answer says so.
fn reasons(is_stale: bool, direction: Direction, origin: DataOrigin) -> Vec<Reason> {
    [
        (Reason::Stale, is_stale),
        (Reason::NoEdge, direction == Direction::Neutral),
        (Reason::Uncalibrated, true),
        (Reason::NoReturnInterval, true),
        (Reason::SimulatedData, origin.is_simulated()),
    ]
    .into_iter()
    .filter_map(|(reason, holds)| holds.then_some(reason))
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(text: &str) -> Session {
        Session::parse(text).unwrap()
    }

    fn time(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).unwrap().to_utc()
    }

    #[test]
    fn reasons_come_in_a_fixed_order() {
        assert_eq!(
            reasons(true, Direction::Neutral, DataOrigin::Simulated),
            [
                Reason::Stale,
                Reason::NoEdge,
                Reason::Uncalibrated,
                Reason::NoReturnInterval,
                Reason::SimulatedData
            ]
        );
        assert_eq!(
            reasons(false, Direction::Down, DataOrigin::Recorded),
            [Reason::Uncalibrated, Reason::NoReturnInterval]
        );
    }

    #[test]
    fn staleness_follows_the_calendar() {
        // 2024-01-05 is a Friday; 2024-01-08 the Monday after. Sessions close at 15:30 KST.
        let calendar = TradingCalendar::xkrx();
        let check = |as_of: &str, now: &str, expected: bool| {
            let stale = is_stale(session(as_of), &calendar, time(now));
            assert_eq!(stale, expected, "as of {as_of} at {now}");
        };
        check("2024-01-05", "2024-01-05T15:30:00+09:00", false);
        check("2024-01-05", "2024-01-07T12:00:00+09:00", false);
        check("2024-01-05", "2024-01-08T15:29:59+09:00", false);
        check("2024-01-05", "2024-01-08T15:30:00+09:00", true);
        check("2024-01-04", "2024-01-05T15:29:59+09:00", false);
        check("2024-01-04", "2024-01-06T00:00:00+09:00", true);
        // Beyond the calendar what it can date has passed.
        check("2027-12-29", "2028-01-01T00:00:00+09:00", true);
        check("2010-01-05", "2010-01-01T12:00:00+09:00", false);
    }
}
