//! Trainings in processes of their own: with other numbers of threads, or killed and run again.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use naeil_domain::{Digest, TradingCalendar};
use naeil_features::{DateSplit, FeatureSpec};
use naeil_model::{NetworkConfig, Selection, TrainingConfig, TrainingData, train};
use naeil_simulator::{MarketConfig, SimulatedMarket};

use crate::judged::Market;
use crate::server::signal;

/// The subcommand of the proofs' program that trains once, see [`Once::train`].
pub const SUBCOMMAND: &str = "train-once";

const WEIGHTS: &str = "weights.safetensors";
const CHECKPOINTS: &str = "checkpoints";

/// One training, whole: market, features, two members, weights on disk.
#[derive(Debug, Clone, PartialEq, clap::Args)]
pub struct Once {
    /// Where the weights and the checkpoints go.
    pub folder: PathBuf,
    /// Stocks of the market.
    #[arg(long)]
    pub stocks: usize,
    /// Its sessions.
    #[arg(long)]
    pub sessions: usize,
}

impl Once {
    /// Trains, from the last checkpoint if there is one, and writes the weights. This is what the
    /// processes do that are compared and killed.
    ///
    /// # Errors
    /// Whatever the simulator, the training or the disk refuse.
    pub fn train(&self) -> anyhow::Result<()> {
        let config = MarketConfig {
            n_stocks: self.stocks,
            n_sessions: self.sessions,
            ..MarketConfig::default()
        };
        let market = SimulatedMarket::generate(&config, &TradingCalendar::xkrx())?;
        let market = Market::new(market.panel())?;
        let split = DateSplit::by_date(market.bars.sessions(), 30, 30, 20)?;
        let data = TrainingData::of_split(&market.panel, &market.labels, &split);
        let training = TrainingConfig {
            epochs: 3,
            seeds: 2,
            select: Selection::Best,
            // A checkpoint every few steps, so that a kill always has one to go on from.
            checkpoint_minutes: 0.001,
            ..TrainingConfig::default()
        };
        let model = train(
            &data,
            // Large enough that its kernels share the work among threads.
            &NetworkConfig::for_spec(&FeatureSpec::v2()),
            &training,
            Some(&self.folder.join(CHECKPOINTS)),
            &mut |_| ControlFlow::Continue(()),
        )?;
        let path = self.folder.join(WEIGHTS);
        std::fs::write(&path, model.to_files()?.weights)
            .with_context(|| format!("cannot write {}", path.display()))
    }
}

/// Trainings that are compared with one that was left alone.
#[derive(Debug)]
pub struct KilledTraining {
    program: PathBuf,
    stocks: usize,
    sessions: usize,
    /// The weights of the one that was left alone.
    pub expected: Digest,
    /// How long it took.
    pub undisturbed: Duration,
}

/// How a killed training was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// It had no checkpoint yet.
    Nothing,
    /// It had a checkpoint, from which it went on.
    Checkpoint,
    /// It was done before it could be killed.
    Weights,
}

impl Found {
    /// The word in results.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Checkpoint => "checkpoint",
            Self::Weights => "weights",
        }
    }
}

impl KilledTraining {
    /// Trains once, undisturbed; `program` is that of the proofs.
    ///
    /// # Errors
    /// If the training fails.
    pub fn prepare(program: PathBuf, stocks: usize, sessions: usize) -> anyhow::Result<Self> {
        let mut prepared = Self {
            program,
            stocks,
            sessions,
            expected: Digest::of(&[]),
            undisturbed: Duration::ZERO,
        };
        let folder = tempfile::tempdir().context("cannot make a folder")?;
        let started = Instant::now();
        prepared.run(folder.path(), None)?;
        prepared.undisturbed = started.elapsed();
        prepared.expected = weights(folder.path())?;
        Ok(prepared)
    }

    /// Trains with so many threads.
    ///
    /// # Errors
    /// If the weights differ by a byte.
    pub fn with_threads(&self, threads: usize) -> anyhow::Result<()> {
        let folder = tempfile::tempdir().context("cannot make a folder")?;
        self.run(folder.path(), Some(threads))?;
        let found = weights(folder.path())?;
        ensure!(
            found == self.expected,
            "with {threads} threads the weights are {found}, not {}",
            self.expected
        );
        Ok(())
    }

    /// Kills a training after a share of the time that it takes undisturbed, and runs it again.
    ///
    /// # Errors
    /// If the weights differ by a byte.
    pub fn kill(&self, share: f64) -> anyhow::Result<Found> {
        let folder = tempfile::tempdir().context("cannot make a folder")?;
        let mut child = (self.command(folder.path(), None).spawn())
            .with_context(|| format!("cannot start {}", self.program.display()))?;
        std::thread::sleep(self.undisturbed.mul_f64(share));
        signal("KILL", child.id());
        child.wait().context("cannot wait for the training")?;
        let has = |name: &str| folder.path().join(name).exists();
        let left = if has(WEIGHTS) {
            Found::Weights
        } else if has(&format!("{CHECKPOINTS}/training.checkpoint")) {
            Found::Checkpoint
        } else {
            Found::Nothing
        };
        self.run(folder.path(), None)?;
        let found = weights(folder.path())?;
        ensure!(
            found == self.expected,
            "killed after {share:.4} of its time and run again, the weights are {found}, not {}",
            self.expected
        );
        Ok(left)
    }

    fn run(&self, folder: &Path, threads: Option<usize>) -> anyhow::Result<()> {
        let output = (self.command(folder, threads).output())
            .with_context(|| format!("cannot start {}", self.program.display()))?;
        ensure!(
            output.status.success(),
            "a training that was left alone failed: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(())
    }

    fn command(&self, folder: &Path, threads: Option<usize>) -> Command {
        let mut command = Command::new(&self.program);
        command
            .arg(SUBCOMMAND)
            .arg(folder)
            .args(["--stocks", &self.stocks.to_string()])
            .args(["--sessions", &self.sessions.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        if let Some(threads) = threads {
            command.env("RAYON_NUM_THREADS", threads.to_string());
        }
        command
    }
}

fn weights(folder: &Path) -> anyhow::Result<Digest> {
    let path = folder.join(WEIGHTS);
    let bytes = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(Digest::of(&bytes))
}
