//! Training and inference of the LSTM.

use naeil_domain::ports::{Forecaster as _, WindowBatch};
use naeil_domain::{Horizon, Session, TradingCalendar};
use naeil_features::{DateSplit, FeaturePanel, FeatureSpec, Labels};
use naeil_model::{NetworkConfig, TrainedModel, TrainingConfig, TrainingData, train};
use naeil_simulator::{MarketConfig, SimulatedMarket};
use naeil_tests::figures::{Times, head, row};

/// Windows a measured epoch trains on.
const WINDOWS: usize = 4_096;

fn main() -> anyhow::Result<()> {
    let config = MarketConfig {
        n_stocks: 100,
        n_sessions: 500,
        until: Session::parse("2026-11-20")?,
        ..MarketConfig::default()
    };
    let bars = SimulatedMarket::generate(&config, &TradingCalendar::xkrx())?.panel();
    let spec = FeatureSpec::v2();
    let panel = FeaturePanel::compute(&spec, &bars)?;
    let labels = Labels::compute(&bars);
    let split = DateSplit::by_date(bars.sessions(), 60, 60, Horizon::MAX_STEPS)?;
    let data = TrainingData {
        panel: &panel,
        labels: &labels,
        split: &split,
        stock_idxs: None,
    };
    let shape = format!("{} columns x {} steps", spec.n_columns(), spec.lookback());

    head(
        "Training",
        &[
            "what",
            "windows",
            "median ms an epoch (min to max)",
            "windows/s",
        ],
    );
    let mut last = None;
    for (hidden_size, batch_size) in [(32, 32), (128, 32), (128, 256)] {
        let network = NetworkConfig {
            hidden_size,
            ..NetworkConfig::for_spec(&spec)
        };
        let (model, times) = measure_training(&data, &network, batch_size)?;
        row(&[
            &format!("LSTM {shape}, hidden {hidden_size}, batch {batch_size}"),
            &WINDOWS.to_string(),
            &times.milliseconds(),
            &times.rate(WINDOWS),
        ]);
        last = Some(model);
    }

    head(
        "Inference",
        &["what", "batch", "median ms (min to max)", "windows/s"],
    );
    let model = last.expect("at least one model was trained");
    let mut forecaster = model.forecaster();
    for n_windows in [1, 32, 100, 1_024] {
        let windows = windows_of(&panel, n_windows);
        let times = Times::of(15, || {
            forecaster
                .forecast(&windows)
                .map(|f| f.probability_up.len())
        });
        row(&[
            &format!("LSTM {shape}, hidden 128"),
            &n_windows.to_string(),
            &times.milliseconds(),
            &times.rate(n_windows),
        ]);
    }
    Ok(())
}

/// Epochs without validation to speak of: the time between their reports is training.
fn measure_training(
    data: &TrainingData<'_>,
    network: &NetworkConfig,
    batch_size: usize,
) -> anyhow::Result<(TrainedModel, Times)> {
    let config = TrainingConfig {
        batch_size,
        max_epochs: 4,
        patience: 4,
        windows_per_epoch: Some(WINDOWS),
        validation_windows: Some(1),
        ..TrainingConfig::default()
    };
    let mut ends = vec![0.0];
    let model = train(data, network, &config, &mut |epoch| {
        ends.push(epoch.elapsed.as_secs_f64())
    })?;
    // The first epoch warms up.
    let seconds = ends
        .windows(2)
        .skip(1)
        .map(|pair| pair[1] - pair[0])
        .collect();
    Ok((model, Times::new(seconds)))
}

fn windows_of(panel: &FeaturePanel, n_windows: usize) -> WindowBatch {
    let (lookback, n_features) = (panel.spec().lookback(), panel.spec().n_columns());
    let usable: Vec<_> = (0..panel.sessions().len())
        .rev()
        .flat_map(|session| (0..panel.stocks().len()).map(move |stock| (session, stock)))
        .filter_map(|(session, stock)| panel.window(session, stock).ok())
        .take(n_windows)
        .collect();
    let mut values = vec![0.0; n_windows * lookback * n_features];
    for (window, out) in usable
        .iter()
        .zip(values.chunks_exact_mut(lookback * n_features))
    {
        window.copy_into(out);
    }
    WindowBatch {
        values,
        n_windows,
        lookback,
        n_features,
    }
}
