//! From a model's outputs to an answer.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use naeil_domain::calendar::kst;
use naeil_domain::{
    CacheKey, CalendarError, DataOrigin, Direction, HorizonForecast, Prediction, Reason,
    RelativePlace, Session, TradingCalendar,
};

use crate::champion::Champion;

/// All that an answer is made of, beside the champion.
#[derive(Debug, Clone)]
pub(crate) struct Ingredients {
    pub(crate) key: CacheKey,
    pub(crate) forecast: HorizonForecast,
    pub(crate) relative: RelativePlace,
    pub(crate) origin: DataOrigin,
    pub(crate) now: DateTime<Utc>,
}

/// Makes an answer: probability and interval by the champion's calibration, direction by its policy,
/// the target session by the calendar, and what the reader should know.
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
        forecast,
        relative,
        origin,
        now,
    } = ingredients;
    let calibration = champion.horizon_calibration(key.horizon);
    let probability_up = calibration.probability_up(&forecast);
    let return_interval = calibration.return_interval(&forecast);
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
        return_interval,
        model_version: champion.version.version.clone(),
        model_digest: key.model_digest,
        calibration_digest: key.calibration_digest,
        as_of: key.as_of,
        target_session,
        data_revision: key.data_revision,
        predicted_at: now,
        features_used: Arc::clone(&champion.features_used),
        reasons: reasons(&Circumstances {
            is_stale,
            direction,
            is_calibrated: key.calibration_digest.is_some(),
            has_interval: return_interval.is_some(),
            origin,
        }),
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

/// What an answer's reasons follow from.
struct Circumstances {
    is_stale: bool,
    direction: Direction,
    is_calibrated: bool,
    has_interval: bool,
    origin: DataOrigin,
}

/// What the reader should know, the most urgent first.
fn reasons(of: &Circumstances) -> Vec<Reason> {
    [
        (Reason::Stale, of.is_stale),
        (Reason::NoEdge, of.direction == Direction::Neutral),
        (Reason::Uncalibrated, !of.is_calibrated),
        (Reason::NoReturnInterval, !of.has_interval),
        (Reason::SimulatedData, of.origin.is_simulated()),
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
            reasons(&Circumstances {
                is_stale: true,
                direction: Direction::Neutral,
                is_calibrated: false,
                has_interval: false,
                origin: DataOrigin::Simulated,
            }),
            [
                Reason::Stale,
                Reason::NoEdge,
                Reason::Uncalibrated,
                Reason::NoReturnInterval,
                Reason::SimulatedData
            ]
        );
        assert_eq!(
            reasons(&Circumstances {
                is_stale: false,
                direction: Direction::Down,
                is_calibrated: true,
                has_interval: true,
                origin: DataOrigin::Recorded,
            }),
            []
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
