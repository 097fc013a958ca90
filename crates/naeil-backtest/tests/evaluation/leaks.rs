//! Each leak, planted, is named.

use naeil_backtest::EvaluationPlan;
use naeil_backtest::leakage::{FeatureRows, Leak, check_columns, check_recomputed, check_scaler};
use naeil_domain::BarPanel;
use naeil_features::{FeatureError, FeaturePanel, FeatureSpec, Scaler};

use crate::support::market;

/// The rows of a spec, one column of which takes a part of the next session's return.
struct Leaky {
    names: Vec<String>,
    n_stocks: usize,
    /// `[session, stock]`
    rows: Vec<Option<Vec<f32>>>,
}

const LEAKY_COLUMN: &str = "gap";

impl Leaky {
    fn compute(spec: &FeatureSpec, bars: &BarPanel, share: f32) -> Result<Self, FeatureError> {
        let panel = FeaturePanel::compute(spec, bars)?;
        let column = spec
            .names()
            .iter()
            .position(|name| name == LEAKY_COLUMN)
            .unwrap();
        let n_stocks = bars.stocks().len();
        let rows = (0..bars.sessions().len() * n_stocks).map(|at| {
            let (session_idx, stock_idx) = (at / n_stocks, at % n_stocks);
            let mut row = panel.row(session_idx, stock_idx)?.to_vec();
            let close = bars.stock_bars(stock_idx).close;
            let next = close
                .get(session_idx + 1)
                .map_or(f64::NAN, |next| next / close[session_idx]);
            let ahead = if next.is_finite() {
                next as f32 - 1.0
            } else {
                0.0
            };
            row[column] += share * ahead;
            Some(row)
        });
        Ok(Self {
            names: spec.names().to_vec(),
            n_stocks,
            rows: rows.collect(),
        })
    }
}

impl FeatureRows for Leaky {
    fn names(&self) -> &[String] {
        &self.names
    }

    fn row(&self, session_idx: usize, stock_idx: usize) -> Option<&[f32]> {
        self.rows[session_idx * self.n_stocks + stock_idx].as_deref()
    }
}

#[test]
fn a_column_from_the_future_is_named_by_both_checks() {
    let market = market();
    let spec = market.panel.spec();
    let compute = |bars: &BarPanel| Leaky::compute(spec, bars, 1.0);
    let rows = compute(&market.bars).unwrap();
    let finding = check_recomputed(&market.bars, &rows, &[200, 250], compute).unwrap();
    assert_eq!(
        (finding.leak, finding.passed),
        (Leak::FutureChangesFeature, false)
    );
    assert_eq!(finding.cases.len(), 1, "{:?}", finding.cases);
    assert!(
        finding.cases[0].contains("column gap changes"),
        "{:?}",
        finding.cases
    );

    let finding = check_columns(&rows, &market.labels, 100..300, &market.universe);
    assert_eq!(
        (finding.leak, finding.passed),
        (Leak::FeatureKnowsFuture, false)
    );
    assert_eq!(finding.cases.len(), 1, "{:?}", finding.cases);
    assert!(finding.cases[0].contains("column gap has a mean rank IC of +"));
}

/// Too little to show in a correlation, and yet every bit of it.
#[test]
fn a_trace_of_the_future_changes_bits() {
    let market = market();
    let spec = market.panel.spec();
    let compute = |bars: &BarPanel| Leaky::compute(spec, bars, 0.01);
    let rows = compute(&market.bars).unwrap();
    assert!(check_columns(&rows, &market.labels, 100..300, &market.universe).passed);
    assert!(
        !check_recomputed(&market.bars, &rows, &[250], compute)
            .unwrap()
            .passed
    );
}

#[test]
fn honest_columns_pass() {
    let market = market();
    let compute = |bars: &BarPanel| FeaturePanel::compute(market.panel.spec(), bars);
    let finding = check_recomputed(&market.bars, &market.panel, &[200, 359], compute).unwrap();
    assert!(finding.passed, "{:?}", finding.cases);
    let finding = check_columns(&market.panel, &market.labels, 100..300, &market.universe);
    assert!(finding.passed, "{:?}", finding.cases);
}

#[test]
fn a_scaler_that_saw_the_test_is_named() {
    let market = market();
    let everything = 0..market.sessions().len();
    let known = [("the whole history", everything.clone())];
    let honest = Scaler::fit(&market.panel, 0..200).unwrap();
    let finding = check_scaler(&market.panel, [("a", &honest, 0..200)], &known).unwrap();
    assert!(finding.passed);

    let leaky = Scaler::fit(&market.panel, everything).unwrap();
    let scalers = [("a", &honest, 0..200), ("b", &leaky, 0..200)];
    let finding = check_scaler(&market.panel, scalers, &known).unwrap();
    assert_eq!((finding.leak, finding.passed), (Leak::ScalerSawTest, false));
    assert_eq!(finding.cases.len(), 1);
    assert!(finding.cases[0].starts_with("b: ") && finding.cases[0].contains("the whole history"));

    // One session more than it says is found too, though no range at hand explains it.
    let longer = Scaler::fit(&market.panel, 0..201).unwrap();
    let finding = check_scaler(&market.panel, [("c", &longer, 0..200)], &known).unwrap();
    assert!(
        finding.cases[0].contains("other rows than these"),
        "{:?}",
        finding.cases
    );
}

#[test]
fn folds_without_a_purge_are_named() {
    let market = market();
    let plan = EvaluationPlan::WalkForward {
        folds: 2,
        test_sessions: Some(30),
    };
    let mut folds = plan.folds(market.sessions(), market.unusable()).unwrap();
    assert!(naeil_backtest::leakage::check_folds(&folds, 20).passed);
    let test_start = folds[1].fold.test.start;
    folds[1].fold.train.end = test_start;
    folds[1].fold.validation = None;
    let finding = naeil_backtest::leakage::check_folds(&folds, 20);
    assert_eq!(
        (finding.leak, finding.passed),
        (Leak::SplitOverlapsLabels, false)
    );
    assert!(
        finding.cases[0].starts_with("fold2: "),
        "{:?}",
        finding.cases
    );
}
