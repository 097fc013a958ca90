//! Was a scaler fitted on the training sessions alone?

use std::ops::Range;

use naeil_features::{FeatureError, FeaturePanel, Scaler};

use super::{Leak, LeakageFinding};

/// Checks that the scaler of each (name, scaler, training sessions) is the one that fitting it on
/// those sessions gives, to the bit: fitting is exact, so any difference comes from other rows.
///
/// `known` are ranges of sessions a leaky fit might have used, for instance the whole history; a
/// scaler that one of them explains is said to have seen it.
///
/// # Errors
/// [`FeatureError`] if a training range has no row.
pub fn check_scaler<'a>(
    panel: &FeaturePanel,
    scalers: impl IntoIterator<Item = (&'a str, &'a Scaler, Range<usize>)>,
    known: &[(&str, Range<usize>)],
) -> Result<LeakageFinding, FeatureError> {
    let mut cases = Vec::new();
    let mut refitted: Vec<(Range<usize>, Scaler)> = Vec::new();
    let mut n_scalers = 0;
    for (name, scaler, train) in scalers {
        n_scalers += 1;
        if !refitted.iter().any(|(range, _)| *range == train) {
            refitted.push((train.clone(), Scaler::fit(panel, train.clone())?));
        }
        let honest = refitted.iter().find(|(range, _)| *range == train);
        if honest.is_some_and(|(_, honest)| honest == scaler) {
            continue;
        }
        let mut seen = None;
        for (what, range) in known {
            if Scaler::fit(panel, range.clone())? == *scaler {
                seen = Some(*what);
                break;
            }
        }
        let n_columns = honest.map_or(0, |(_, honest)| n_differing(honest, scaler));
        let explained = seen.map_or_else(|| "other rows than these".to_owned(), str::to_owned);
        cases.push(format!(
            "{name}: {n_columns} columns are not scaled as training sessions {}..{} give; it was \
             fitted on {explained}",
            train.start, train.end
        ));
    }
    let looked_at = format!("{n_scalers} scalers fitted again");
    Ok(LeakageFinding::of(Leak::ScalerSawTest, &looked_at, cases))
}

fn n_differing(a: &Scaler, b: &Scaler) -> usize {
    if a.n_columns() != b.n_columns() {
        return a.n_columns().max(b.n_columns());
    }
    let parts = |scaler: &Scaler| [scaler.means(), scaler.stds(), scaler.lows(), scaler.highs()];
    let (a, b) = (parts(a), parts(b));
    (0..a[0].len())
        .filter(|&column| (0..4).any(|part| a[part][column] != b[part][column]))
        .count()
}
