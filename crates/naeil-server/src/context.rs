//! What every command needs: the configuration and the parts it names.

use std::path::PathBuf;
use std::sync::Arc;

use naeil_domain::TradingCalendar;
use naeil_domain::ports::{Clock, SystemClock};
use naeil_registry::LocalRegistry;
use naeil_store::Store;

use crate::cli::Output;
use crate::config::{Config, ConfigError, ResolvedConfig};
use crate::exit::{CommandError, Failure, OrFailure as _};

/// The configuration, resolved, and how to print.
pub(crate) struct Context {
    pub(crate) resolved: ResolvedConfig,
    pub(crate) output: Output,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Context {
    pub(crate) fn new(resolved: ResolvedConfig, output: Output) -> Self {
        Self {
            resolved,
            output,
            clock: Arc::new(SystemClock),
        }
    }

    pub(crate) fn config(&self) -> &Config {
        &self.resolved.config
    }

    /// The shipped calendar with the configured overrides.
    pub(crate) fn calendar(&self) -> Result<TradingCalendar, CommandError> {
        let calendar = TradingCalendar::xkrx();
        let Some(path) = self.config().calendar.overrides.clone() else {
            return Ok(calendar);
        };
        let fail = |path: PathBuf, problem: String| {
            CommandError::new(
                Failure::Config,
                ConfigError::CalendarOverrides { path, problem },
            )
        };
        let text = std::fs::read_to_string(&path).map_err(|e| fail(path.clone(), e.to_string()))?;
        calendar
            .with_overrides(&text)
            .map_err(|e| fail(path, e.to_string()))
    }

    /// Opens the store, making it and its data directory if they are missing.
    pub(crate) async fn store(&self) -> Result<Store, CommandError> {
        self.config()
            .create_data_dir()
            .or_failure(Failure::Config)?;
        Ok(Store::open(self.config().store_url().expose())
            .await?
            .with_calendar(self.calendar()?))
    }

    /// Opens the registry, making it if it is missing.
    pub(crate) fn registry(&self) -> Result<LocalRegistry, CommandError> {
        self.config()
            .create_data_dir()
            .or_failure(Failure::Config)?;
        Ok(LocalRegistry::open(self.config().registry_dir())?)
    }
}
