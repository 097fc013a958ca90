//! Forecasts made into probabilities, by what was known when they were made.

use naeil_domain::{Calibration, Horizon, InvalidCalibration, Session};
use naeil_evaluation::{Calibrator, ScoredRow};

use crate::config::CalibrationSettings;
use crate::score::{ForecastRow, HorizonRows};

/// Rows of every horizon, each with the probability that could have been given at its session.
pub(crate) struct Calibrated {
    /// In the order of the forecasts.
    pub(crate) rows: [Vec<ScoredRow>; Horizon::COUNT],
    /// Whether the interval that could have been given held the outcome; `None` without quantiles.
    pub(crate) held: [Vec<Option<bool>>; Horizon::COUNT],
    /// The share that intervals are to hold.
    pub(crate) level: f64,
    /// What has been learned from them.
    pub(crate) calibrator: Calibrator,
}

impl Calibrated {
    /// Walks through the sessions: gives each its probabilities, then adds it to what is known at
    /// later ones.
    pub(crate) fn as_time_goes(forecasts: &HorizonRows, settings: &CalibrationSettings) -> Self {
        let mut calibrator = settings.calibrator();
        let mut rows: [Vec<ScoredRow>; Horizon::COUNT] = Default::default();
        let mut held: [Vec<Option<bool>>; Horizon::COUNT] = Default::default();
        for horizon in Horizon::ALL {
            let forecasts = &forecasts[horizon.index()];
            let scored = &mut rows[horizon.index()];
            for session in by_session(forecasts) {
                let session_idx = session[0].session_idx;
                let part = calibrator.horizon_at(horizon, session_idx);
                scored.extend(session.iter().map(|row| ScoredRow {
                    session_idx,
                    probability_up: part.probability_up(&row.forecast),
                    forward_return: row.forward_return,
                    last_return: row.last_return,
                }));
                held[horizon.index()].extend(session.iter().map(|row| {
                    let interval = part.return_interval(&row.forecast)?;
                    Some((interval.lower..=interval.upper).contains(&row.forward_return))
                }));
                push(&mut calibrator, horizon, session);
            }
        }
        Self {
            rows,
            held,
            level: settings.interval_level,
            calibrator,
        }
    }

    /// The rows from a session on.
    pub(crate) fn since(&self, session_idx: usize) -> [&[ScoredRow]; Horizon::COUNT] {
        self.rows.each_ref().map(|rows| {
            let first = rows.partition_point(|row| (row.session_idx as usize) < session_idx);
            &rows[first..]
        })
    }
}

/// Learns from every forecast whose outcome is known at the close of the last of `sessions`.
///
/// # Errors
/// [`InvalidCalibration`] if forecasts were not finite.
///
/// # Panics
/// Without a session.
pub(crate) fn calibration_of(
    calibrator: &mut Calibrator,
    sessions: &[Session],
) -> Result<Calibration, InvalidCalibration> {
    let newest = sessions.len() - 1;
    let session_idx = u32::try_from(newest).expect("no exchange has held 2^32 sessions");
    calibrator.calibration(session_idx, sessions[newest])
}

/// Learns from forecasts, without giving probabilities on the way.
pub(crate) fn learn(forecasts: &HorizonRows, settings: &CalibrationSettings) -> Calibrator {
    let mut calibrator = settings.calibrator();
    for horizon in Horizon::ALL {
        for session in by_session(&forecasts[horizon.index()]) {
            push(&mut calibrator, horizon, session);
        }
    }
    calibrator
}

fn by_session(rows: &[ForecastRow]) -> impl Iterator<Item = &[ForecastRow]> {
    rows.chunk_by(|a, b| a.session_idx == b.session_idx)
}

fn push(calibrator: &mut Calibrator, horizon: Horizon, session: &[ForecastRow]) {
    let forecasts: Vec<_> = session.iter().map(|row| row.forecast).collect();
    let returns: Vec<_> = session.iter().map(|row| row.forward_return).collect();
    calibrator.push(horizon, session[0].session_idx, &forecasts, &returns);
}

#[cfg(test)]
mod tests {
    use naeil_domain::HorizonForecast;

    use super::*;

    /// Two stocks over 60 sessions; both rise in the first half and fall in the second.
    fn forecasts() -> HorizonRows {
        Horizon::ALL.map(|_| {
            (0..120_u32)
                .map(|row| ForecastRow {
                    session_idx: row / 2,
                    stock_idx: row % 2,
                    forecast: HorizonForecast {
                        quantiles: Some([-0.05, -0.01, 0.0, 0.01, 0.05]),
                        ..HorizonForecast::of_direction(f64::from(row % 2) - 0.5)
                    },
                    forward_return: if row < 60 { 0.02 } else { -0.03 },
                    last_return: 0.0,
                })
                .collect()
        })
    }

    #[test]
    fn probabilities_follow_outcomes_once_they_are_known() {
        let settings = CalibrationSettings::default();
        let Calibrated {
            rows,
            mut calibrator,
            ..
        } = Calibrated::as_time_goes(&forecasts(), &settings);
        for (horizon, rows) in Horizon::ALL.into_iter().zip(&rows) {
            let mean = |session: usize| {
                (rows[2 * session].probability_up + rows[2 * session + 1].probability_up) / 2.0
            };
            assert_eq!(rows.len(), 120);
            // Nothing is known until the first outcome is.
            for session in 0..horizon.steps() {
                assert!((mean(session) - 0.5).abs() < 1e-12, "{horizon} {session}");
            }
            assert!(mean(horizon.steps()) > 0.5);
            // The turn at session 30 shows when its outcome is known; some calibrators are refitted
            // every five sessions only.
            let turn = 30 + horizon.steps();
            assert!(mean(turn - 1) > mean(turn - 9), "{horizon}");
            assert!(mean(turn + 8) < mean(turn), "{horizon}");
        }
        let sessions = crate::testing::krx_sessions(60);
        let found = calibration_of(&mut calibrator, &sessions).unwrap();
        assert_eq!(found.fitted_through, sessions[59]);
        assert_eq!(found.n_sessions, 59);
        let again = calibration_of(&mut learn(&forecasts(), &settings), &sessions).unwrap();
        assert_eq!(found, again);
        let interval = found.horizon(Horizon::OneDay).interval.unwrap();
        assert_eq!(interval.level, 0.90);
        // Falls of 0.03 are 0.6 of the lower tail.
        assert!((interval.lower_scale - 0.6).abs() < 0.02, "{interval:?}");
    }

    #[test]
    fn rows_since_a_session() {
        let calibrated = Calibrated::as_time_goes(&forecasts(), &CalibrationSettings::default());
        assert_eq!(calibrated.since(58).map(<[ScoredRow]>::len), [4, 4, 4]);
        assert_eq!(calibrated.since(60).map(<[ScoredRow]>::len), [0, 0, 0]);
    }
}
