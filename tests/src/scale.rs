//! The whole market retrained: how long it takes, and how much memory.

use std::io::{BufRead as _, BufReader};
use std::process::{ChildStderr, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};

use crate::binary::Workdir;

/// How often the memory of the process is looked at; its peak is the kernel's own count, so only what
/// happens after the last look is missed.
const LOOK: Duration = Duration::from_millis(100);

/// Processors that the training gets.
const CORES: usize = 2;

/// What a retraining took.
#[derive(Debug, Clone)]
pub struct Retraining {
    /// Bars in the store.
    pub bars: u64,
    /// Seconds of each stage, in their order, as the program says them.
    pub stages: Vec<(String, f64)>,
    /// Seconds in all, from start to exit.
    pub seconds: f64,
    /// Greatest resident memory of the process, in bytes.
    pub peak_bytes: u64,
    /// Everything the program said on its way, for whoever asks why.
    pub said: String,
}

/// Stores a simulated market in an empty data directory and retrains on it with its settings.
///
/// # Errors
/// If a command fails.
pub fn retrain(
    workdir: &Workdir,
    n_stocks: usize,
    n_sessions: usize,
) -> anyhow::Result<Retraining> {
    let (stocks, sessions) = (n_stocks.to_string(), n_sessions.to_string());
    let simulated = workdir.json([
        "simulate",
        "--stocks",
        &stocks,
        "--sessions",
        &sessions,
        "--until",
        "2026-11-20",
    ]);
    let bars = simulated["bars_stored"].as_u64();

    let started = Instant::now();
    let mut child = on_cores(workdir.command(["retrain"]))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .context("cannot start the retraining")?;
    let stderr = child.stderr.take().context("its words cannot be read")?;
    let listener = std::thread::spawn(move || listen(stderr));
    let mut peak_bytes = 0;
    let status = loop {
        // A process that has ended has no memory any more: what was seen before counts.
        peak_bytes = peak_bytes.max(peak_of(child.id()).unwrap_or(0));
        if let Some(status) = child.try_wait().context("cannot wait for the retraining")? {
            break status;
        }
        std::thread::sleep(LOOK);
    };
    let seconds = started.elapsed().as_secs_f64();
    let (said, stages) = listener.join().unwrap_or_default();
    ensure!(status.success(), "the retraining failed: {said}");
    Ok(Retraining {
        bars: bars
            .with_context(|| format!("how many bars were stored is not said: {simulated}"))?,
        stages,
        seconds,
        peak_bytes,
        said,
    })
}

/// The same command on two processors; on a machine that has no more, as it is. (`taskset` becomes
/// the program, so it is one process.)
fn on_cores(command: Command) -> Command {
    if std::thread::available_parallelism().map_or(1, usize::from) <= CORES {
        return command;
    }
    let mut pinned = Command::new("taskset");
    pinned
        .args(["--cpu-list", &format!("0-{}", CORES - 1)])
        .arg(command.get_program())
        .args(command.get_args());
    for (key, value) in command.get_envs() {
        match value {
            Some(value) => pinned.env(key, value),
            None => pinned.env_remove(key),
        };
    }
    if let Some(folder) = command.get_current_dir() {
        pinned.current_dir(folder);
    }
    pinned
}

/// What is said, and the stages in it: `[  69.9 s] train took 66.8 s`.
fn listen(stderr: ChildStderr) -> (String, Vec<(String, f64)>) {
    let (mut said, mut stages) = (String::new(), Vec::new());
    for line in BufReader::new(stderr).lines().map_while(Result::ok) {
        stages.extend(stage(&line));
        said += &line;
        said.push('\n');
    }
    (said, stages)
}

fn stage(line: &str) -> Option<(String, f64)> {
    let (_, told) = line.split_once("] ")?;
    let (name, time) = told.split_once(" took ")?;
    let seconds = time.strip_suffix(" s")?.parse().ok()?;
    Some((name.to_owned(), seconds))
}

/// The greatest resident memory of a process so far, in bytes.
fn peak_of(pid: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}
