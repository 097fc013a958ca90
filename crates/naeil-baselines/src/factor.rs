//! Single columns as forecasts: nothing is learnt.

use naeil_domain::Horizon;

use crate::baseline::{Baseline, BaselineScores, FittedBaseline};
use crate::error::BaselineError;
use crate::tabular::TabularData;

/// One column of the feature spec with the sign in which it is known to order returns.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Factor {
    /// Its name in reports.
    pub name: &'static str,
    /// The raw column that it is.
    pub column: &'static str,
    /// 1 if high values rank first, -1 if low ones do.
    pub sign: f64,
}

/// The eight simple factors: what a forecast must add to if it is to know more than they do.
///
/// Signs are those of the literature, not fitted here:
/// - low volatility: calm stocks do better than their risk would say (Ang, Hodrick, Xing and Zhang
///   2006; Frazzini and Pedersen 2014), so range and volatility count negatively;
/// - lottery: so do stocks with an extreme gain behind them (Bali, Cakici and Whitelaw 2011);
/// - reversal: losers of the last days and of the last month come back (Lehmann 1990; Jegadeesh 1990);
/// - momentum: winners of the last three months go on (Jegadeesh and Titman 1993);
/// - turnover: trade above its usual size is followed by lower returns (Datar, Naik and Radcliffe
///   1998), so a high volume ratio counts negatively; prices adjusted for later splits make traded
///   value unusable here, volume over its own past is not touched by them;
/// - illiquidity: stocks with many unchanged closes earn a premium (Lesmond, Ogden and Trzcinka 1999).
pub const SIMPLE_FACTORS: [Factor; 8] = [
    factor("minus ATR / close", "atr_ratio_14", -1.0),
    factor("minus volatility", "volatility_20", -1.0),
    factor("minus largest return", "largest_return_20", -1.0),
    factor("reversal 5", "log_return_5", -1.0),
    factor("reversal 20", "log_return_20", -1.0),
    factor("momentum 60", "log_return_60", 1.0),
    factor("minus turnover", "volume_ratio_5_60", -1.0),
    factor("zero returns", "zero_share_20", 1.0),
];

const fn factor(name: &'static str, column: &'static str, sign: f64) -> Factor {
    Factor { name, column, sign }
}

/// The simple factor of that name.
pub fn factor_named(name: &str) -> Option<Factor> {
    (SIMPLE_FACTORS.into_iter()).find(|factor| factor.name == name)
}

impl Factor {
    /// The factor's score of every row, the higher the better.
    ///
    /// The column's rank within its session is taken where the spec has it (named with `_rank` at the
    /// end), for the scaled raw column is clipped and ties at its bounds; otherwise the raw column.
    ///
    /// # Errors
    /// [`BaselineError::MissingColumn`] if the spec has neither.
    pub fn score(&self, rows: &TabularData) -> Result<Vec<f64>, BaselineError> {
        let column = rows
            .column(&format!("{}_rank", self.column))
            .or_else(|| rows.column(self.column))
            .ok_or(BaselineError::MissingColumn {
                factor: self.name,
                column: self.column,
            })?;
        Ok(column
            .iter()
            .map(|&value| self.sign * f64::from(value))
            .collect())
    }
}

/// A single factor, the same at every horizon, as a baseline.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SingleFactor(pub Factor);

impl Baseline for SingleFactor {
    fn name(&self) -> &str {
        self.0.name
    }

    fn fit(
        &self,
        _train: &TabularData,
        _validation: &TabularData,
    ) -> Result<Box<dyn FittedBaseline>, BaselineError> {
        Ok(Box::new(*self))
    }
}

impl FittedBaseline for SingleFactor {
    fn score(&self, rows: &TabularData) -> Result<BaselineScores, BaselineError> {
        let scores = self.0.score(rows)?;
        Ok(BaselineScores {
            relative: [scores.clone(), scores.clone(), scores],
            direction: [const { None }; Horizon::COUNT],
        })
    }

    fn settings(&self) -> Vec<String> {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(name: &str) -> TabularData {
        let returns = vec![0.0, 0.1];
        TabularData::from_columns(
            vec!["atr_ratio_14".to_owned(), name.to_owned()],
            vec![vec![3.0, 3.0], vec![-1.0, 0.5]],
            vec![0, 0],
            vec![0, 1],
            [returns.clone(), returns.clone(), returns],
        )
    }

    #[test]
    fn takes_ranks_where_there_are_any() {
        let factor = factor_named("minus ATR / close").unwrap();
        assert_eq!(
            factor.score(&rows("atr_ratio_14_rank")),
            Ok(vec![1.0, -0.5])
        );
        assert_eq!(factor.score(&rows("other")), Ok(vec![-3.0, -3.0]));
        let missing = SIMPLE_FACTORS[3].score(&rows("other")).unwrap_err();
        assert_eq!(
            missing.to_string(),
            "factor 'reversal 5' needs the column 'log_return_5', which the feature spec lacks"
        );
    }

    #[test]
    fn columns_of_the_default_spec_are_meant() {
        let spec = naeil_features::FeatureSpec::v2();
        for factor in SIMPLE_FACTORS {
            let rank = format!("{}_rank", factor.column);
            assert!(spec.names().contains(&rank), "{rank}");
            assert_eq!(factor_named(factor.name), Some(factor));
        }
    }

    #[test]
    fn says_the_same_at_every_horizon_and_nothing_of_direction() {
        let rows = rows("atr_ratio_14_rank");
        let factor = SingleFactor(SIMPLE_FACTORS[0]);
        let scores = factor.fit(&rows, &rows).unwrap().score(&rows).unwrap();
        assert_eq!(scores.relative[0], scores.relative[2]);
        assert!(scores.direction.iter().all(Option::is_none));
    }
}
