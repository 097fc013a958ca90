//! Imports that are killed at a random moment: what they leave, and whether they can be run again.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use chrono::{DateTime, NaiveDate, Utc};
use naeil_domain::ports::{
    BarHistory as _, BarRequest, BarSource as _, StockDirectory as _, StoredBar,
};
use naeil_domain::{Digest, Session, TradingCalendar};
use naeil_simulator::{MarketConfig, SimulatedMarket};
use naeil_store::Store;

use crate::database::{Database, StoredWorkdir};
use crate::random::Rng;
use crate::server::signal;

/// Every so many rows, the second file corrects what the first one said.
const CORRECTED_EVERY: usize = 7;

/// Undisturbed imports of each file, of which the median time counts.
const TIMED: usize = 3;

/// A file of bars, and one that corrects some of them.
#[derive(Debug)]
pub struct KilledImport {
    database: Database,
    files: [PathBuf; 2],
    /// How many bars each file has.
    pub n_bars: usize,
    /// What an empty store holds, and what it holds after each file.
    states: [State; 3],
    /// How long each import takes that is left alone.
    pub undisturbed: [Duration; 2],
}

/// What the store says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct State {
    /// Every bar, and its revision.
    bars: Option<Digest>,
    /// The stocks, the files that were imported, and what is said of the bars as a whole.
    summary: String,
}

/// The revision of the bars as a whole. It is no part of what the store says: in PostgreSQL it grows
/// with every attempt.
type Revision = Option<u64>;

/// How a killed import was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// The store is as it was before.
    Nothing,
    /// Everything of the file is in the store.
    Everything,
}

impl KilledImport {
    /// Writes the files into `folder`, and imports them undisturbed.
    ///
    /// # Errors
    /// If the files cannot be written, there is no such database, or an import fails.
    pub fn prepare(
        folder: &Path,
        database: Database,
        n_stocks: usize,
        n_sessions: usize,
    ) -> anyhow::Result<Self> {
        let files = ["first.csv", "corrected.csv"].map(|name| folder.join(name));
        let n_bars = write_files(&files, n_stocks, n_sessions)?;
        let mut prepared = Self {
            database,
            files,
            n_bars,
            states: Default::default(),
            undisturbed: Default::default(),
        };
        let mut times = [Vec::new(), Vec::new()];
        for _ in 0..TIMED {
            let place = database.workdir()?;
            prepared.states[0] = state(&place, None)?.0;
            for (file, times) in times.iter_mut().enumerate() {
                let started = Instant::now();
                prepared.import(&place, file)?;
                times.push(started.elapsed());
                prepared.states[file + 1] = state(&place, None)?.0;
                ensure!(
                    !prepared.states[..=file].contains(&prepared.states[file + 1]),
                    "the import of file {file} changed nothing, so a kill would show nothing"
                );
            }
        }
        prepared.undisturbed = times.map(|mut times| {
            times.sort();
            times[TIMED / 2]
        });
        Ok(prepared)
    }

    /// Kills the import of file 0 or 1 after a share of the time that it takes undisturbed, looks
    /// at what it left, and runs it again.
    ///
    /// # Errors
    /// If a part of the file is in the store, if running it again does not give what an undisturbed
    /// import gives, or if what was known before has changed.
    pub fn kill(&self, file: usize, share: f64) -> anyhow::Result<Left> {
        let place = self.database.workdir()?;
        for earlier in 0..file {
            self.import(&place, earlier)?;
        }
        let (_, before) = state(&place, None)?;
        let known_before = Utc::now();
        let mut child = place
            .workdir
            .command(["import".as_ref(), self.files[file].as_os_str()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("cannot start the import")?;
        std::thread::sleep(self.undisturbed[file].mul_f64(share));
        signal("KILL", child.id());
        child.wait().context("cannot wait for the import")?;

        let (found, after) = state(&place, None)?;
        let left = match () {
            () if found == self.states[file] => Left::Nothing,
            () if found == self.states[file + 1] => Left::Everything,
            () => {
                bail!("the import of file {file} killed after {share:.4} of its time left a part")
            }
        };
        let is_newer = after > before;
        ensure!(
            is_newer == (left == Left::Everything) && (is_newer || after == before),
            "the import of file {file} killed after {share:.4} of its time left {left:?}, and the \
             revision went from {before:?} to {after:?}"
        );
        self.import(&place, file)?;
        let (again, last) = state(&place, None)?;
        ensure!(
            again == self.states[file + 1],
            "the import of file {file} killed after {share:.4} of its time and run again differs \
             from an undisturbed one"
        );
        ensure!(
            (last == after) == (left == Left::Everything) && last >= after,
            "the import of file {file} run again over {left:?} took the revision from {after:?} to \
             {last:?}"
        );
        ensure!(
            state(&place, Some(known_before))?.0.bars == self.states[file].bars,
            "what was known before file {file} has changed"
        );
        Ok(left)
    }

    fn import(&self, place: &StoredWorkdir, file: usize) -> anyhow::Result<()> {
        let ran = place
            .workdir
            .run(["import".as_ref(), self.files[file].as_os_str()]);
        ensure!(
            ran.code == Some(0),
            "an undisturbed import failed: {}",
            ran.stderr
        );
        Ok(())
    }
}

/// What the store says, its bars as known at a time.
fn state(
    place: &StoredWorkdir,
    as_known_at: Option<DateTime<Utc>>,
) -> anyhow::Result<(State, Revision)> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let store = Store::open(&place.store_url()).await?;
        let request = BarRequest {
            as_known_at,
            ..BarRequest::default()
        };
        let mut text = String::new();
        let mut write = |stored: StoredBar<'_>| {
            let bar = &stored.bar;
            let prices = [bar.open, bar.high, bar.low, bar.close];
            let values = [prices.as_slice(), &[bar.volume, bar.adjustment_factor]].concat();
            let bits: Vec<u64> = values.into_iter().map(f64::to_bits).collect();
            let (code, session, revision) = (&stored.stock.code, stored.session, stored.revision);
            let basis = bar.basis.as_str();
            text.push_str(&format!("{code} {session} {revision} {basis} {bits:x?}\n"));
        };
        store.scan(&request, &mut write).await?;
        let data = store.data_state().await?;
        let revision = data.as_ref().map(|data| data.revision);
        let data = data.map(|data| (data.last_session, data.origin));
        // Read from the packed values, when not as known at a time.
        let panel = store.bars(&request).await?;
        let packed = Digest::of(format!("{panel:?}").as_bytes());
        let said = (
            data,
            packed,
            store.stocks().await?,
            store.imported_sources("").await?,
            store.actions(None).await?,
            store.refused().await?,
        );
        store.close().await?;
        let state = State {
            bars: Some(Digest::of(text.as_bytes())),
            summary: format!("{said:?}"),
        };
        Ok((state, revision))
    })
}

/// Writes the bars of a simulated market, and the same with some volumes corrected; gives how many
/// there are.
///
/// # Errors
/// If the market cannot be simulated or the files cannot be written.
pub fn write_files(
    files: &[PathBuf; 2],
    n_stocks: usize,
    n_sessions: usize,
) -> anyhow::Result<usize> {
    let config = MarketConfig {
        n_stocks,
        n_sessions,
        // Past, whatever the clock says: bars of the future are refused.
        until: NaiveDate::from_ymd_opt(2024, 6, 28)
            .map(Session::new)
            .context("28 June 2024 is a date")?,
        ..MarketConfig::default()
    };
    let market = SimulatedMarket::generate(&config, &TradingCalendar::xkrx())?;
    for (correct, path) in [false, true].into_iter().zip(files) {
        let context = || format!("cannot write {}", path.display());
        let file = std::fs::File::create(path).with_context(context)?;
        let mut out = std::io::BufWriter::new(file);
        writeln!(
            out,
            "code,name,market,date,open,high,low,close,volume,adjustment_factor"
        )?;
        for (idx, (stock, session, bar)) in market.bars().enumerate() {
            let traded = !bar.is_halted();
            let added = f64::from(u8::from(correct && traded && idx % CORRECTED_EVERY == 0));
            writeln!(
                out,
                "{},{},{},{session},{},{},{},{},{},{}",
                stock.code,
                stock.code,
                stock.market.as_str(),
                bar.open,
                bar.high,
                bar.low,
                bar.close,
                bar.volume + added,
                bar.adjustment_factor
            )?;
        }
        out.flush().with_context(context)?;
    }
    Ok(market.bars().count())
}

/// A repeatable row of shares of 1, evenly spread.
#[derive(Debug, Clone)]
pub struct Shares(Rng);

impl Shares {
    /// The row of this seed.
    pub fn new(seed: u64) -> Self {
        Self(Rng::new(seed))
    }
}

impl Iterator for Shares {
    type Item = f64;

    fn next(&mut self) -> Option<f64> {
        Some(self.0.share())
    }
}
