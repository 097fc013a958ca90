//! Training steps of the network, round by round against PyTorch: here with windows drawn and copied
//! out of the panel, there with one batch that lies ready.

use std::ops::ControlFlow;
use std::time::Duration;

use anyhow::Context as _;
use naeil_domain::{Session, TradingCalendar};
use naeil_features::{FeaturePanel, FeatureSpec, Labels};
use naeil_model::{NetworkConfig, TrainingConfig, TrainingData, train};
use naeil_simulator::{MarketConfig, SimulatedMarket};
use naeil_tests::figures::{Times, head, row};
use serde_json::json;

use crate::peers::Peers;

const BATCHES: [usize; 2] = [32, 256];

/// Share of a session's stocks in a step.
const SHARE: f64 = 1.0 / 3.0;

/// Steps of a round, and rounds.
const STEPS: usize = 40;
const ROUNDS: usize = 5;

/// Steps at the start of a round that warm buffers and caches.
const WARM_UP: usize = 5;

/// The networks by their names: the default, and one of the reference LSTM's size.
fn networks(spec: &FeatureSpec) -> [(&'static str, NetworkConfig); 2] {
    let default = NetworkConfig::for_spec(spec);
    let large = NetworkConfig {
        sequence_columns: (0..24).collect(),
        seq_length: 60,
        hidden_size: 128,
        ..default.clone()
    };
    [("default", default), ("large", large)]
}

/// The networks as the peers read them.
pub(crate) fn networks_json() -> String {
    let shapes = networks(&FeatureSpec::v2()).map(|(name, network)| {
        let shape = json!({
            "n_sequence": network.sequence_columns.len(),
            "seq_length": network.seq_length,
            "hidden_size": network.hidden_size,
            "n_layers": network.n_layers,
            "wide_size": network.wide_size,
            "quantile_size": network.quantile_size,
            "n_columns": network.n_columns,
            "dropout": network.dropout,
        });
        (name.to_owned(), shape)
    });
    serde_json::Value::Object(shapes.into_iter().collect()).to_string()
}

/// A market whose sessions give steps of one size.
struct Market {
    panel: FeaturePanel,
    labels: Labels,
}

impl Market {
    fn of_batch(batch: usize) -> anyhow::Result<Self> {
        let config = MarketConfig {
            n_stocks: (batch as f64 / SHARE).round() as usize,
            n_sessions: 220,
            until: Session::parse("2026-11-20")?,
            ..MarketConfig::default()
        };
        let bars = SimulatedMarket::generate(&config, &TradingCalendar::xkrx())?.panel();
        Ok(Self {
            panel: FeaturePanel::compute(&FeatureSpec::v2(), &bars)?,
            labels: Labels::compute(&bars),
        })
    }

    /// Seconds of every step after the first few, and windows of a step on average.
    fn steps(&self, network: &NetworkConfig, batch: usize) -> anyhow::Result<(Vec<f64>, f64)> {
        let n_sessions = self.panel.sessions().len();
        let data = TrainingData {
            panel: &self.panel,
            labels: &self.labels,
            train: 0..n_sessions - 20,
            validation: None,
            stock_idxs: None,
        };
        let config = TrainingConfig {
            seeds: 1,
            epochs: 1,
            codes_per_step: SHARE,
            windows_per_epoch: Some(STEPS * batch),
            ..TrainingConfig::default()
        };
        let mut ends: Vec<Duration> = Vec::new();
        let model = train(&data, network, &config, None, &mut |progress| {
            ends.push(progress.elapsed);
            ControlFlow::Continue(())
        })?;
        let member = model.summary().members.first().context("one member")?;
        let windows = member.windows_seen as f64 / ends.len() as f64;
        let steps = ends.windows(2).skip(WARM_UP);
        let seconds = steps
            .map(|pair| (pair[1] - pair[0]).as_secs_f64())
            .collect();
        Ok((seconds, windows))
    }
}

/// Measures every network at every batch.
pub(crate) fn race(mut peers: Option<&mut Peers>) -> anyhow::Result<()> {
    head(
        "Training steps",
        &[
            "who",
            "network",
            "batch",
            "median ms a step (min to max)",
            "windows/s",
            "against PyTorch",
        ],
    );
    for batch in BATCHES {
        let market = Market::of_batch(batch)?;
        for (name, network) in networks(market.panel.spec()) {
            let threads = rayon::current_num_threads();
            let mut ours = Vec::new();
            let mut theirs = vec![Vec::new(); threads];
            let mut windows = 0.0;
            for _ in 0..ROUNDS {
                let (seconds, mean) = market.steps(&network, batch)?;
                ours.extend(seconds);
                windows = mean;
                let Some(peers) = peers.as_deref_mut() else {
                    continue;
                };
                for (seconds, threads) in theirs.iter_mut().zip(1..) {
                    let request = format!("train {name} {threads} {windows:.0} 10");
                    seconds.push(peers.figure(&request)? / 1e3);
                }
            }
            let ours = Times::new(ours);
            let theirs: Vec<Times> = theirs
                .into_iter()
                .filter(|seconds| !seconds.is_empty())
                .map(Times::new)
                .collect();
            let best = theirs.iter().map(Times::median).min_by(f64::total_cmp);
            let against = best.map_or("-".to_owned(), |best| {
                format!("**{:.2}x**", best / ours.median())
            });
            let shape = network.summary();
            let size = format!("{windows:.0}");
            let rate = |times: &Times| format!("{:.0}", windows / times.median());
            row(&[
                "naeil",
                &shape,
                &size,
                &ours.milliseconds(),
                &rate(&ours),
                &against,
            ]);
            for (times, threads) in theirs.iter().zip(1..) {
                let who = format!("PyTorch, {threads} threads");
                row(&[&who, &shape, &size, &times.milliseconds(), &rate(times), ""]);
            }
        }
    }
    memory(peers)
}

/// Peak memory of a process that only trains, beside PyTorch's.
fn memory(peers: Option<&mut Peers>) -> anyhow::Result<()> {
    head("Peak memory of training", &["who", "batch", "MB"]);
    for batch in BATCHES {
        let ran = std::process::Command::new(std::env::current_exe()?)
            .arg(format!("--memory-of={batch}"))
            .output()?;
        let text = String::from_utf8_lossy(&ran.stdout);
        row(&[
            "naeil, its simulated market included",
            &batch.to_string(),
            text.trim(),
        ]);
    }
    if let Some(peers) = peers {
        let megabytes = peers.figure("memory")?;
        row(&[
            "ONNX Runtime and PyTorch, after all of the above",
            "",
            &format!("{megabytes:.0}"),
        ]);
    }
    Ok(())
}

/// Trains the large network at this batch and prints the greatest resident size of this process.
pub(crate) fn report_memory(batch: usize) -> anyhow::Result<()> {
    let market = Market::of_batch(batch)?;
    let [_, (_, large)] = networks(market.panel.spec());
    market.steps(&large, batch)?;
    let status = std::fs::read_to_string("/proc/self/status")?;
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .context("this system does not say how much memory a process has used")?;
    let kilobytes: f64 = peak.trim().trim_end_matches(" kB").trim().parse()?;
    crate::say(&format!("{:.0}", kilobytes / 1024.0));
    Ok(())
}
