//! Does a feature know the future?

use naeil_domain::{BarPanel, Horizon};
use naeil_evaluation::Outcomes;
use naeil_evaluation::metrics::ic::MIN_SESSION_ROWS;
use naeil_evaluation::metrics::ranks::average_ranks;
use naeil_features::{FeatureError, FeaturePanel, FeatureSpec, Labels};
use rayon::prelude::*;

use super::{Leak, LeakageFinding};

/// A mean rank IC at one session beyond this is not honest. The best single columns of recorded KRX
/// bars reach 0.08 to 0.12, a perfect forecaster of the simulated market 0.10 by default and 0.30
/// at most; a column that holds a tenth of the next return's variance has about 0.30.
const PLAUSIBLE: f64 = 0.25;
/// And so many standard errors from 0: a few sessions of a few stocks may reach anything.
const T_LIMIT: f64 = 6.0;

/// The feature rows of a market, by whatever computed them.
pub trait FeatureRows: Sync {
    /// Names of the columns.
    fn names(&self) -> &[String];

    /// The row of one stock in one session, if it has one.
    fn row(&self, session_idx: usize, stock_idx: usize) -> Option<&[f32]>;
}

impl FeatureRows for FeaturePanel {
    fn names(&self) -> &[String] {
        self.spec().names()
    }

    fn row(&self, session_idx: usize, stock_idx: usize) -> Option<&[f32]> {
        Self::row(self, session_idx, stock_idx)
    }
}

/// Checks that the rows of some sessions are the same to the bit when they are computed from bars
/// that end with their session: whatever knew the future cannot know it then.
///
/// `compute` is what computed `rows`, given the bars.
///
/// # Errors
/// What `compute` says.
pub fn check_recomputed<R: FeatureRows>(
    bars: &BarPanel,
    rows: &R,
    sessions: &[usize],
    compute: impl Fn(&BarPanel) -> Result<R, FeatureError>,
) -> Result<LeakageFinding, FeatureError> {
    let names = rows.names();
    // Rows that differ, and one of them, for each column.
    let mut differing: Vec<(usize, Option<(usize, usize)>)> = vec![(0, None); names.len()];
    let mut n_rows = 0;
    for &session_idx in sessions {
        let known = bars.truncated_after(bars.sessions()[session_idx]);
        let again = compute(&known)?;
        for stock_idx in 0..bars.stocks().len() {
            let pair = (
                rows.row(session_idx, stock_idx),
                again.row(session_idx, stock_idx),
            );
            let same = |column: usize| match pair {
                (Some(then), Some(now)) => then[column].to_bits() == now[column].to_bits(),
                (then, now) => then.is_none() == now.is_none(),
            };
            n_rows += usize::from(pair.0.is_some());
            for (column, (n, first)) in differing.iter_mut().enumerate() {
                if !same(column) {
                    *n += 1;
                    first.get_or_insert((session_idx, stock_idx));
                }
            }
        }
    }
    let cases = names.iter().zip(&differing).filter_map(|(name, (n, first))| {
        let (session_idx, stock_idx) = (*first)?;
        Some(format!(
            "column {name} changes in {n} of {n_rows} rows when the bars after their session are \
             cut off, for instance {} in {}",
            bars.stocks()[stock_idx].code,
            bars.sessions()[session_idx]
        ))
    });
    let looked_at = format!(
        "{n_rows} rows of {} sessions computed again without their future",
        sessions.len()
    );
    let leak = Leak::FutureChangesFeature;
    Ok(LeakageFinding::of(leak, &looked_at, cases.collect()))
}

/// Computes the rows of a spec from bars, for [`check_recomputed`].
pub(crate) fn panel_of(
    spec: &FeatureSpec,
) -> impl Fn(&BarPanel) -> Result<FeaturePanel, FeatureError> {
    move |bars| FeaturePanel::compute(spec, bars)
}

/// Checks that no column ranks the next session's returns beyond what is plausible: a mean rank IC
/// above 0.25 in size, more than 6 standard errors from 0.
pub fn check_columns<R: FeatureRows>(
    rows: &R,
    labels: &Labels,
    sessions: std::ops::Range<usize>,
    stocks: &[usize],
) -> LeakageFinding {
    let mut outcomes = Outcomes::default();
    let mut found: Vec<&[f32]> = Vec::new();
    for session_idx in sessions.clone() {
        for &stock_idx in stocks {
            let Some(row) = rows.row(session_idx, stock_idx) else {
                continue;
            };
            let outcome = labels.forward_return(session_idx, stock_idx, Horizon::OneDay);
            if let Some(forward_return) = outcome {
                let narrow = |idx: usize| u32::try_from(idx).expect("below 2^32 rows");
                outcomes.push(
                    narrow(session_idx),
                    narrow(stock_idx),
                    f64::from(forward_return),
                );
                found.push(row);
            }
        }
    }
    let names = rows.names();
    let judged: Vec<Option<(f64, f64)>> = (0..names.len())
        .into_par_iter()
        .map(|column| {
            let scores: Vec<f64> = found
                .iter()
                .map(|row| f64::from(row[column]))
                .map(|value| if value.is_finite() { value } else { 0.0 })
                .collect();
            mean_and_t(&outcomes, &scores)
        })
        .collect();
    let greatest = judged
        .iter()
        .zip(names)
        .filter_map(|(judged, name)| judged.map(|(mean, _)| (mean, name)))
        .max_by(|a, b| a.0.abs().total_cmp(&b.0.abs()));
    let cases = judged.iter().zip(names).filter_map(|(judged, name)| {
        let (mean, t) = (*judged)?;
        (mean.abs() > PLAUSIBLE && t.abs() > T_LIMIT).then(|| {
            format!(
                "column {name} has a mean rank IC of {mean:+.3} with the return of the session \
                 after (t {t:.0}); beyond {PLAUSIBLE} it has seen that session"
            )
        })
    });
    let cases: Vec<String> = cases.collect();
    let looked_at = match greatest {
        Some((mean, name)) => format!(
            "{} columns over {} sessions, the greatest mean rank IC is {mean:+.3} of {name}",
            names.len(),
            sessions.len()
        ),
        None => format!("{} columns, none with an outcome", names.len()),
    };
    LeakageFinding::of(Leak::FeatureKnowsFuture, &looked_at, cases)
}

/// Mean over sessions of the rank correlation, and how many plain standard errors that is. Returns
/// of one session do not overlap, so no correction is needed.
fn mean_and_t(outcomes: &Outcomes, scores: &[f64]) -> Option<(f64, f64)> {
    let of_session = |rows: &std::ops::Range<usize>| {
        let returns = &outcomes.forward_return()[rows.clone()];
        let ranks = average_ranks(&scores[rows.clone()]);
        (rows.len() >= MIN_SESSION_ROWS)
            .then(|| correlation(&ranks, &average_ranks(returns)))
            .flatten()
    };
    let daily: Vec<f64> = outcomes.sessions().iter().filter_map(of_session).collect();
    if daily.len() < 3 {
        return None;
    }
    let n = daily.len() as f64;
    let mean = daily.iter().sum::<f64>() / n;
    let variance = daily.iter().map(|ic| (ic - mean).powi(2)).sum::<f64>() / (n - 1.0);
    let standard_error = (variance / n).sqrt();
    // A column that is the return itself has no spread at all.
    let t = if standard_error > 0.0 {
        mean / standard_error
    } else {
        mean.signum() * f64::INFINITY
    };
    Some((mean, t))
}

/// Pearson's correlation; `None` where either side does not vary.
fn correlation(x: &[f64], y: &[f64]) -> Option<f64> {
    let n = x.len() as f64;
    let (mean_x, mean_y) = (x.iter().sum::<f64>() / n, y.iter().sum::<f64>() / n);
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for (x, y) in x.iter().zip(y) {
        let (dx, dy) = (x - mean_x, y - mean_y);
        xx += dx * dx;
        yy += dy * dy;
        xy += dx * dy;
    }
    (xx > 0.0 && yy > 0.0).then(|| xy / (xx * yy).sqrt())
}
