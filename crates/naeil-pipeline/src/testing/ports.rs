//! Ports in memory. The loader is the real one, so every bundle is a real bundle.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, TimeZone as _, Utc};
use naeil_domain::ports::{Clock, Ledger, ModelRegistry, RegistryError, StoreError};
use naeil_domain::{
    Alias, BarPanel, Calibration, DataOrigin, Digest, LedgerEntry, ModelVersion, TradingCalendar,
};
use naeil_model::BundleLoader;
use naeil_test_support::fakes::FakeBars;

use crate::ports::PipelinePorts;

/// What the registry is to fail at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    Register,
    SetAlias(Alias),
    PublishCalibration,
}

/// The ports of a test, with handles on what they hold.
pub(crate) struct TestPorts {
    pub(crate) ports: PipelinePorts,
    pub(crate) bars: Arc<FakeBars>,
    pub(crate) registry: Arc<MemoryRegistry>,
    pub(crate) ledger: Arc<MemoryLedger>,
    pub(crate) root: tempfile::TempDir,
}

impl TestPorts {
    /// Ports over a store, a registry and a ledger with nothing in them.
    pub(crate) fn empty() -> Self {
        let root = tempfile::tempdir().unwrap();
        let bars = Arc::new(FakeBars::empty());
        let registry = Arc::new(MemoryRegistry {
            dir: root.path().join("registry"),
            state: Mutex::default(),
        });
        let ledger = Arc::new(MemoryLedger::default());
        let ports = PipelinePorts {
            bars: bars.clone(),
            history: bars.clone(),
            calendar: Some(TradingCalendar::xkrx()),
            registry: registry.clone(),
            ledger: ledger.clone(),
            loader: Arc::new(BundleLoader::default()),
            signing_key: None,
            clock: Arc::new(TickingClock(AtomicI64::new(0))),
        };
        Self {
            ports,
            bars,
            registry,
            ledger,
            root,
        }
    }

    /// The same, with these bars in the store.
    pub(crate) fn with_bars(bars: BarPanel) -> Self {
        let test = Self::empty();
        test.bars.replace(bars, DataOrigin::Simulated);
        test
    }

    pub(crate) fn runs_dir(&self) -> PathBuf {
        self.root.path().join("runs")
    }
}

/// A second later each time it is asked.
struct TickingClock(AtomicI64);

impl Clock for TickingClock {
    fn now(&self) -> DateTime<Utc> {
        let ticks = self.0.fetch_add(1, Ordering::Relaxed);
        let start = Utc.with_ymd_and_hms(2026, 11, 23, 15, 30, 0).unwrap();
        start + TimeDelta::seconds(ticks)
    }
}

/// A registry whose versions are directories and whose aliases are in memory.
pub(crate) struct MemoryRegistry {
    dir: PathBuf,
    state: Mutex<RegistryState>,
}

#[derive(Default)]
struct RegistryState {
    versions: Vec<ModelVersion>,
    aliases: BTreeMap<Alias, String>,
    calibrations: BTreeMap<String, Calibration>,
    fault: Option<Fault>,
}

impl MemoryRegistry {
    pub(crate) fn fail_at(&self, fault: Option<Fault>) {
        self.state.lock().unwrap().fault = fault;
    }

    /// Holds one more version, which is no bundle.
    pub(crate) fn hold_version(&self, digest: Digest) -> ModelVersion {
        let mut state = self.state.lock().unwrap();
        let version = ModelVersion {
            version: (state.versions.len() + 1).to_string(),
            digest,
            registered_at: DateTime::UNIX_EPOCH,
            tags: BTreeMap::new(),
        };
        state.versions.push(version.clone());
        version
    }

    pub(crate) fn point(&self, alias: Alias, version: &str) {
        let mut state = self.state.lock().unwrap();
        state.aliases.insert(alias, version.to_owned());
    }

    pub(crate) fn alias(&self, alias: Alias) -> Option<String> {
        self.state.lock().unwrap().aliases.get(&alias).cloned()
    }

    pub(crate) fn bundle_dir(&self, version: &str) -> PathBuf {
        self.dir.join(version)
    }
}

fn unavailable(doing: &str) -> RegistryError {
    RegistryError::Unavailable {
        doing: doing.to_owned(),
        source: Box::new(io::Error::other("the test says so")),
    }
}

#[async_trait]
impl ModelRegistry for MemoryRegistry {
    async fn register(
        &self,
        bundle_dir: &Path,
        tags: &BTreeMap<String, String>,
    ) -> Result<ModelVersion, RegistryError> {
        let mut state = self.state.lock().unwrap();
        if state.fault == Some(Fault::Register) {
            return Err(unavailable("registering a bundle"));
        }
        let digest = Digest::of(&fs::read(bundle_dir.join("manifest.json")).unwrap());
        if let Some(known) = state.versions.iter().find(|known| known.digest == digest) {
            return Ok(known.clone());
        }
        let version = ModelVersion {
            version: (state.versions.len() + 1).to_string(),
            digest,
            registered_at: DateTime::UNIX_EPOCH,
            tags: tags.clone(),
        };
        let target = self.bundle_dir(&version.version);
        fs::create_dir_all(&target).unwrap();
        for entry in fs::read_dir(bundle_dir).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), target.join(entry.file_name())).unwrap();
        }
        state.versions.push(version.clone());
        Ok(version)
    }

    async fn by_alias(&self, alias: Alias) -> Result<Option<ModelVersion>, RegistryError> {
        let state = self.state.lock().unwrap();
        let named = state.aliases.get(&alias);
        let named = named.and_then(|name| state.versions.iter().find(|v| v.version == *name));
        Ok(named.cloned())
    }

    async fn set_alias(&self, alias: Alias, version: &str) -> Result<(), RegistryError> {
        let mut state = self.state.lock().unwrap();
        if state.fault == Some(Fault::SetAlias(alias)) {
            return Err(unavailable("moving an alias"));
        }
        state.aliases.insert(alias, version.to_owned());
        Ok(())
    }

    async fn versions(&self) -> Result<Vec<ModelVersion>, RegistryError> {
        Ok(self.state.lock().unwrap().versions.clone())
    }

    async fn publish_calibration(
        &self,
        version: &str,
        calibration: &Calibration,
    ) -> Result<(), RegistryError> {
        let mut state = self.state.lock().unwrap();
        if state.fault == Some(Fault::PublishCalibration) {
            return Err(unavailable("publishing a calibration"));
        }
        state.calibrations.insert(version.to_owned(), *calibration);
        Ok(())
    }

    async fn calibration(&self, version: &str) -> Result<Option<Calibration>, RegistryError> {
        Ok(self
            .state
            .lock()
            .unwrap()
            .calibrations
            .get(version)
            .copied())
    }

    async fn fetch(&self, version: &str) -> Result<PathBuf, RegistryError> {
        Ok(self.bundle_dir(version))
    }
}

/// A ledger that keeps the port's promise on repeated and conflicting rows.
#[derive(Default)]
pub(crate) struct MemoryLedger(Mutex<Vec<LedgerEntry>>, AtomicBool);

impl MemoryLedger {
    /// From now on, every row is refused.
    pub(crate) fn break_down(&self) {
        self.1.store(true, Ordering::Relaxed);
    }

    pub(crate) fn rows(&self) -> Vec<LedgerEntry> {
        self.0.lock().unwrap().clone()
    }
}

#[async_trait]
impl Ledger for MemoryLedger {
    async fn record(&self, entry: &LedgerEntry) -> Result<(), StoreError> {
        if self.1.load(Ordering::Relaxed) {
            return Err(StoreError::Corrupt("the test says so".to_owned()));
        }
        let mut rows = self.0.lock().unwrap();
        match rows.iter().find(|row| row.run_id == entry.run_id) {
            Some(row) if row == entry => {}
            Some(_) => return Err(StoreError::Conflict(entry.run_id.clone())),
            None => rows.push(entry.clone()),
        }
        Ok(())
    }

    async fn entries(&self) -> Result<Vec<LedgerEntry>, StoreError> {
        Ok(self.rows())
    }
}
