//! `reference.json`: how every feature and every score was distributed, so that drift can be told.

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use naeil_domain::Horizon;
use naeil_domain::forecast::HorizonForecast;

/// Bins of a distribution, at most: enough for a population stability index, and the file stays
/// small.
pub const MAX_BINS: usize = 20;

/// Columns of the file, at most.
const MAX_COLUMNS: usize = 4096;

/// How far shares may be from adding up to one.
const TOLERANCE: f64 = 1e-6;

/// A distribution in bins of about equal weight.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Binned {
    /// Where one bin ends and the next begins, ascending; a value on an edge belongs to the bin
    /// above it. The outermost bins are open.
    pub edges: Vec<f64>,
    /// The share of values in each bin, one more than edges; they add up to 1 unless there were no
    /// values.
    pub shares: Vec<f64>,
    /// The share of rows without a value.
    pub missing: f64,
}

/// Which number of a forecast.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScoreKind {
    /// The relative output.
    Relative,
    /// The direction output.
    Direction,
    /// The median of the return.
    Median,
}

/// Distributions over the training rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reference {
    /// Rows counted.
    pub n_rows: usize,
    /// Each column of the feature spec, unscaled.
    pub features: Vec<FeatureReference>,
    /// Each number of a forecast at each horizon.
    pub scores: Vec<ScoreReference>,
}

/// The distribution of a feature.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeatureReference {
    /// The column's name.
    pub name: String,
    /// Its values.
    pub values: Binned,
}

/// The distribution of a score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScoreReference {
    /// "1d", "5d" or "20d".
    pub horizon: String,
    /// Which number.
    pub score: ScoreKind,
    /// Its values.
    pub values: Binned,
}

impl Binned {
    /// Bins values at their quantiles; bins that would be empty, as of a value that is frequent, are
    /// left out. Values that are not finite count as missing.
    pub fn of(values: impl IntoIterator<Item = f64>, n_bins: usize) -> Self {
        let all: Vec<f64> = values.into_iter().collect();
        let mut sorted: Vec<f64> = all.iter().copied().filter(|x| x.is_finite()).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        let n_bins = n_bins.clamp(1, MAX_BINS);
        let mut edges: Vec<f64> = (1..n_bins)
            .filter_map(|bin| sorted.get(bin * sorted.len() / n_bins).copied())
            .filter(|&edge| sorted.first().is_some_and(|&least| least < edge))
            .collect();
        edges.dedup();
        let mut binned = Self {
            shares: Vec::new(),
            missing: 0.0,
            edges,
        };
        (binned.shares, binned.missing) = binned.shares_of(all);
        binned
    }

    /// The share of other values in each of these bins, and the share that is missing.
    pub fn shares_of(&self, values: impl IntoIterator<Item = f64>) -> (Vec<f64>, f64) {
        let mut counts = vec![0_usize; self.edges.len() + 1];
        let (mut n, mut missing) = (0_usize, 0_usize);
        for value in values {
            n += 1;
            if value.is_finite() {
                counts[self.edges.partition_point(|&edge| edge <= value)] += 1;
            } else {
                missing += 1;
            }
        }
        let present = (n - missing).max(1) as f64;
        let shares = counts.iter().map(|&count| count as f64 / present);
        (shares.collect(), missing as f64 / n.max(1) as f64)
    }

    fn problem(&self) -> Option<&'static str> {
        let shares = self.shares.iter().chain([&self.missing]);
        let total: f64 = self.shares.iter().sum();
        if self.shares.len() != self.edges.len() + 1 || self.shares.len() > MAX_BINS {
            Some("it needs one share more than edges, and no more than 20")
        } else if !self.edges.is_sorted_by(|a, b| a < b) {
            Some("its edges do not ascend")
        } else if !shares.clone().all(|share| (0.0..=1.0).contains(share)) {
            Some("a share is not between 0 and 1")
        } else if total > 0.0 && (total - 1.0).abs() > TOLERANCE {
            Some("its shares do not add up to 1")
        } else {
            None
        }
    }
}

impl Reference {
    /// Bins rows of features and the forecasts of the same rows, in ten bins each.
    ///
    /// A sample of the training rows is enough: a hundred thousand give shares within 0.3 points.
    ///
    /// # Shapes
    /// - `rows`: `[n, names.len()]`, unscaled
    ///
    /// # Panics
    /// If `rows` does not hold whole rows.
    pub fn measure(
        names: &[String],
        rows: &[f32],
        forecasts: &[[HorizonForecast; Horizon::COUNT]],
    ) -> Self {
        const BINS: usize = 10;
        assert!(
            !names.is_empty() && rows.len().is_multiple_of(names.len()),
            "rows must be whole rows of {} columns",
            names.len()
        );
        let feature = |(column, name): (usize, &String)| FeatureReference {
            name: name.clone(),
            values: Binned::of(
                rows.iter()
                    .skip(column)
                    .step_by(names.len())
                    .map(|&x| f64::from(x)),
                BINS,
            ),
        };
        let kinds = [ScoreKind::Relative, ScoreKind::Direction, ScoreKind::Median];
        let scores = Horizon::ALL.into_iter().flat_map(|horizon| {
            kinds.map(|score| ScoreReference {
                horizon: horizon.as_str().to_owned(),
                score,
                values: Binned::of(
                    forecasts.iter().map(|row| score.of(&row[horizon.index()])),
                    BINS,
                ),
            })
        });
        Self {
            n_rows: rows.len() / names.len(),
            features: names.iter().enumerate().map(feature).collect(),
            scores: scores.collect(),
        }
    }

    /// Reads the bytes of `reference.json`.
    ///
    /// # Errors
    /// Text for people: what is wrong with them.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        let reference: Self =
            serde_json::from_slice(bytes).map_err(|error| format!("not a reference: {error}"))?;
        if reference.features.len() > MAX_COLUMNS {
            let n = reference.features.len();
            return Err(format!("{n} features, there may be {MAX_COLUMNS}"));
        }
        for FeatureReference { name, values } in &reference.features {
            if let Some(problem) = values.problem() {
                let name = name.escape_debug();
                return Err(format!("the distribution of '{name}': {problem}"));
            }
        }
        for ScoreReference {
            horizon, values, ..
        } in &reference.scores
        {
            Horizon::parse(horizon).map_err(|error| error.to_string())?;
            if let Some(problem) = values.problem() {
                return Err(format!(
                    "the distribution of a score at {horizon}: {problem}"
                ));
            }
        }
        Ok(reference)
    }

    /// Checks that the features are those of a spec.
    pub(super) fn check_names(&self, names: &[String]) -> Result<(), String> {
        if self.features.iter().map(|feature| &feature.name).eq(names) {
            return Ok(());
        }
        Err("its features are not those of the feature spec".to_owned())
    }

    /// The bytes of `reference.json`.
    pub(super) fn to_bytes(&self) -> Result<Vec<u8>, serde_json::Error> {
        let mut bytes = serde_json::to_vec(self)?;
        bytes.push(b'\n');
        Ok(bytes)
    }
}

impl ScoreKind {
    /// That number of a forecast; NaN where it has none.
    pub fn of(self, forecast: &HorizonForecast) -> f64 {
        match self {
            Self::Relative => forecast.relative,
            Self::Direction => forecast.direction,
            Self::Median => forecast
                .quantiles
                .map_or(f64::NAN, |[_, _, median, _, _]| median),
        }
    }
}
