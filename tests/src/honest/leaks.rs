//! Leaks that are planted, each of which has to be named.

use anyhow::{Context as _, ensure};
use naeil_backtest::leakage::{
    FeatureRows, Leak, LeakageFinding, check_columns, check_folds, check_recomputed, check_scaler,
};
use naeil_backtest::{EvaluationPlan, PlannedFold};
use naeil_domain::{BarPanel, Horizon, TradingCalendar};
use naeil_features::{FeatureError, FeaturePanel, FeatureSpec, Scaler};
use naeil_simulator::{MarketConfig, SimulatedMarket};

use crate::judged::Market;

/// The column that learns of the future.
const LEAKY_COLUMN: &str = "gap";

/// A leak that was planted and named.
#[derive(Debug, Clone)]
pub struct NamedLeak {
    /// What was done.
    pub planted: String,
    /// What the check named.
    pub leak: Leak,
    /// What it said.
    pub said: String,
}

/// Plants a feature that knows the future, a scaler that saw the test and a split that overlaps
/// labels in a simulated market.
///
/// # Errors
/// If a leak is not named, or something honest is.
pub fn name_leaks(n_stocks: usize, n_sessions: usize) -> anyhow::Result<Vec<NamedLeak>> {
    let config = MarketConfig {
        n_stocks,
        n_sessions,
        ..MarketConfig::default()
    };
    let market = SimulatedMarket::generate(&config, &TradingCalendar::xkrx())?;
    let market = Market::new(market.panel())?;
    let mut named = Vec::new();
    features(&market, &mut named)?;
    scalers(&market, &mut named)?;
    splits(&market, &mut named)?;
    Ok(named)
}

fn passes(what: &str, finding: &LeakageFinding) -> anyhow::Result<()> {
    ensure!(
        finding.passed,
        "{what} is called a leak: {:?}",
        finding.cases
    );
    Ok(())
}

fn is_named(
    planted: &str,
    leak: Leak,
    finding: LeakageFinding,
    named: &mut Vec<NamedLeak>,
) -> anyhow::Result<()> {
    ensure!(
        !finding.passed && finding.leak == leak,
        "{planted} is not named: {}",
        finding.summary
    );
    let said = finding.cases.into_iter().next();
    named.push(NamedLeak {
        planted: planted.to_owned(),
        leak,
        said: said.context("a leak without a case")?,
    });
    Ok(())
}

fn features(market: &Market, named: &mut Vec<NamedLeak>) -> anyhow::Result<()> {
    let Market {
        bars,
        panel,
        labels,
    } = market;
    let n_sessions = bars.sessions().len();
    let warm = panel.spec().warm_up()..n_sessions;
    let some = [n_sessions / 2, n_sessions - 2, n_sessions - 1];
    let stocks: Vec<usize> = (0..bars.stocks().len()).collect();
    let honest = |bars: &BarPanel| FeaturePanel::compute(panel.spec(), bars);
    passes(
        "an honest feature",
        &check_recomputed(bars, panel, &some, honest)?,
    )?;
    passes(
        "an honest feature",
        &check_columns(panel, labels, warm.clone(), &stocks),
    )?;
    for share in [1.0, 0.01] {
        let compute = |bars: &BarPanel| LeakyRows::compute(panel.spec(), bars, share);
        let rows = compute(bars)?;
        let planted =
            format!("{share} of the next session's return added to column {LEAKY_COLUMN}");
        let finding = check_recomputed(bars, &rows, &some, compute)?;
        is_named(&planted, Leak::FutureChangesFeature, finding, named)?;
        let finding = check_columns(&rows, labels, warm.clone(), &stocks);
        // A hundredth is beneath what a correlation shows, and the other check sees it all the same.
        if share == 1.0 {
            is_named(&planted, Leak::FeatureKnowsFuture, finding, named)?;
        }
    }
    Ok(())
}

fn scalers(market: &Market, named: &mut Vec<NamedLeak>) -> anyhow::Result<()> {
    let n_sessions = market.bars.sessions().len();
    let train = 0..n_sessions / 2;
    let known = [("the whole history", 0..n_sessions)];
    let check = |scaler: &Scaler| {
        check_scaler(
            &market.panel,
            [("the model's scaler", scaler, train.clone())],
            &known,
        )
    };
    let fit = |until: usize| Scaler::fit(&market.panel, 0..until);
    passes("an honest scaler", &check(&fit(train.end)?)?)?;
    for (planted, until) in [
        ("a scaler fitted on every session", n_sessions),
        (
            "a scaler fitted on one session more than trained on",
            train.end + 1,
        ),
    ] {
        is_named(planted, Leak::ScalerSawTest, check(&fit(until)?)?, named)?;
    }
    Ok(())
}

fn splits(market: &Market, named: &mut Vec<NamedLeak>) -> anyhow::Result<()> {
    let plan = EvaluationPlan::WalkForward {
        folds: 4,
        test_sessions: Some(60),
    };
    let spec = market.panel.spec();
    let unusable = spec.warm_up() + spec.lookback();
    let honest: Vec<PlannedFold> = plan.folds(market.bars.sessions(), unusable)?;
    passes("an honest split", &check_folds(&honest, Horizon::MAX_STEPS))?;
    for purge in [0, Horizon::MAX_STEPS - 1] {
        let mut folds = honest.clone();
        let fold = &mut folds.last_mut().context("there are four folds")?.fold;
        fold.validation = None;
        fold.train.end = fold.test.start - purge;
        let planted = format!("a fold that leaves {purge} sessions out between training and test");
        let finding = check_folds(&folds, Horizon::MAX_STEPS);
        is_named(&planted, Leak::SplitOverlapsLabels, finding, named)?;
    }
    Ok(())
}

/// The rows of a spec, one column of which takes a share of the next session's return.
struct LeakyRows {
    names: Vec<String>,
    n_stocks: usize,
    /// `[session, stock]`
    rows: Vec<Option<Vec<f32>>>,
}

impl LeakyRows {
    fn compute(spec: &FeatureSpec, bars: &BarPanel, share: f64) -> Result<Self, FeatureError> {
        let panel = FeaturePanel::compute(spec, bars)?;
        let n_stocks = bars.stocks().len();
        let row = |session_idx: usize, stock_idx: usize| {
            let mut row = panel.row(session_idx, stock_idx)?.to_vec();
            let close = bars.stock_bars(stock_idx).close;
            let next = close.get(session_idx + 1).copied().unwrap_or(f64::NAN);
            let ahead = next / close[session_idx] - 1.0;
            for (value, name) in row.iter_mut().zip(spec.names()) {
                if name == LEAKY_COLUMN && ahead.is_finite() {
                    *value += (share * ahead) as f32;
                }
            }
            Some(row)
        };
        let places = (0..bars.sessions().len())
            .flat_map(|session_idx| (0..n_stocks).map(move |stock_idx| (session_idx, stock_idx)));
        let rows = places.map(|(session_idx, stock_idx)| row(session_idx, stock_idx));
        Ok(Self {
            rows: rows.collect(),
            names: spec.names().to_vec(),
            n_stocks,
        })
    }
}

impl FeatureRows for LeakyRows {
    fn names(&self) -> &[String] {
        &self.names
    }

    fn row(&self, session_idx: usize, stock_idx: usize) -> Option<&[f32]> {
        self.rows[session_idx * self.n_stocks + stock_idx].as_deref()
    }
}
