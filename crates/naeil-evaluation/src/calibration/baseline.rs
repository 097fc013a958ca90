//! Trailing base rates: the forecasters that know no stock.

use naeil_domain::Horizon;

use crate::Outcomes;

/// The share of rises over the last so many sessions whose outcomes are known, a probability for
/// every row.
///
/// One half where nothing is known yet.
///
/// # Shapes
/// One value a row of `outcomes`; `window` in sessions that have rows, `None` for all of them.
pub fn trailing_base_rate(
    outcomes: &Outcomes,
    horizon: Horizon,
    window: Option<usize>,
) -> Vec<f64> {
    let sessions = outcomes.sessions();
    let ups: Vec<usize> = sessions
        .iter()
        .map(|rows| rows.clone().filter(|&row| outcomes.is_up(row)).count())
        .collect();
    let session_idx = |nth: usize| outcomes.session_idx()[sessions[nth].start] as usize;
    let mut probabilities = Vec::with_capacity(outcomes.len());
    let (mut n_known, mut first) = (0, 0);
    let (mut sum_ups, mut sum_rows) = (0, 0);
    for (nth, rows) in sessions.iter().enumerate() {
        while n_known < nth && session_idx(n_known) + horizon.steps() <= session_idx(nth) {
            sum_ups += ups[n_known];
            sum_rows += sessions[n_known].len();
            n_known += 1;
        }
        while window.is_some_and(|window| n_known - first > window) {
            sum_ups -= ups[first];
            sum_rows -= sessions[first].len();
            first += 1;
        }
        let rate = if sum_rows == 0 {
            0.5
        } else {
            sum_ups as f64 / sum_rows as f64
        };
        probabilities.extend(rows.clone().map(|_| rate));
    }
    probabilities
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_use_only_outcomes_that_are_known() {
        // Ups a session: 1/2, 2/2, 0/2, 1/2 at sessions 0, 1, 2 and 9.
        let mut outcomes = Outcomes::default();
        for (session, returns) in [
            (0, [0.1, -0.1]),
            (1, [0.1, 0.2]),
            (2, [0.0, -0.1]),
            (9, [0.1, 0.0]),
        ] {
            for (stock, forward_return) in returns.into_iter().enumerate() {
                outcomes.push(session, stock as u32, forward_return);
            }
        }
        let of = |horizon, window| -> Vec<f64> {
            let all = trailing_base_rate(&outcomes, horizon, window);
            all.chunks(2).map(|rows| rows[0]).collect()
        };
        assert_eq!(of(Horizon::OneDay, None), [0.5, 0.5, 0.75, 0.5]);
        assert_eq!(of(Horizon::OneDay, Some(1)), [0.5, 0.5, 1.0, 0.0]);
        // Five sessions on, all three are known at session 9; twenty on, none.
        assert_eq!(of(Horizon::FiveDays, Some(2)), [0.5, 0.5, 0.5, 0.5]);
        assert_eq!(of(Horizon::FiveDays, Some(1)), [0.5, 0.5, 0.5, 0.0]);
        assert_eq!(of(Horizon::TwentyDays, None), [0.5; 4]);
    }
}
