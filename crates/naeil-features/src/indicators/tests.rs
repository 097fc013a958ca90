//! What every column of the default spec promises: its definition, and properties on random lives.

mod definitions;
mod properties;

use super::test_bars;
use super::{ColumnKernel, Indicator, Scratch};
use crate::carried::CarriedBars;
use crate::spec::FeatureSpec;

/// The columns of the default spec.
fn indicators() -> Vec<(String, Indicator)> {
    let spec = FeatureSpec::v2();
    let columns = spec.columns().iter();
    columns
        .map(|column| (column.name.clone(), column.indicator))
        .collect()
}

/// All of them over one life, column by column.
fn compute(bars: &CarriedBars) -> Vec<Vec<f64>> {
    let indicators: Vec<Indicator> = indicators().into_iter().map(|(_, i)| i).collect();
    let mut out = vec![0.0; indicators.len() * bars.len()];
    let life = 0..bars.len();
    ColumnKernel::new(&indicators).compute(bars, life, &mut out, &mut Scratch::default());
    out.chunks(bars.len().max(1)).map(<[f64]>::to_vec).collect()
}

/// The largest absolute value, of those there are.
fn magnitude(series: &[f64]) -> f64 {
    let known = series.iter().filter(|x| !x.is_nan());
    known.fold(0.0, |greatest, x| greatest.max(x.abs()))
}

/// Equal, `NaN` included, to `tolerance` of the magnitude, or of 1 thousandth if that is more.
fn is_close(found: f64, expected: f64, tolerance: f64, magnitude: f64) -> bool {
    found.is_nan() && expected.is_nan()
        || (found - expected).abs() <= tolerance * magnitude.max(1e-3)
}
