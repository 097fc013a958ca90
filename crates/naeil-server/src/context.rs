//! What every command needs: the configuration and the parts it names.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use chrono::{Days, NaiveDate, TimeDelta};
use naeil_domain::calendar::kst;
use naeil_domain::ports::{Clock, SystemClock};
use naeil_domain::{LiveCalendar, TradingCalendar};
use naeil_model::BundleLoader;
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
    live_calendar: OnceLock<LiveCalendar>,
}

impl Context {
    pub(crate) fn new(resolved: ResolvedConfig, output: Output) -> Self {
        Self {
            resolved,
            output,
            clock: Arc::new(SystemClock),
            live_calendar: OnceLock::new(),
        }
    }

    pub(crate) fn config(&self) -> &Config {
        &self.resolved.config
    }

    /// The shipped calendar with the configured margin, before any override.
    pub(crate) fn base_calendar(&self) -> TradingCalendar {
        let minutes = self.config().calendar.final_after_minutes;
        TradingCalendar::xkrx().with_final_after(TimeDelta::minutes(minutes.into()))
    }

    /// The calendar with the configured overrides, as the file is now.
    pub(crate) fn calendar(&self) -> Result<TradingCalendar, CommandError> {
        let calendar = self.base_calendar();
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

    /// The calendar that the store and the service share, with the overrides as they were when it
    /// was first asked for.
    pub(crate) fn live_calendar(&self) -> Result<LiveCalendar, CommandError> {
        if let Some(live) = self.live_calendar.get() {
            return Ok(live.clone());
        }
        let calendar = self.calendar()?;
        Ok(self.live_calendar.get_or_init(|| calendar.into()).clone())
    }

    /// The last date whose bars can be final. Beyond the calendar's years that is yesterday:
    /// whatever the hours of a day, they have passed when it is over.
    pub(crate) fn last_final_date(&self, calendar: &TradingCalendar) -> NaiveDate {
        let now = self.clock.now();
        calendar.last_final_session(now).map_or_else(
            |_| now.with_timezone(&kst()).date_naive() - Days::new(1),
            |session| session.date(),
        )
    }

    /// Opens the store, making it and its data directory if they are missing.
    pub(crate) async fn store(&self) -> Result<Store, CommandError> {
        self.config()
            .create_data_dir()
            .or_failure(Failure::Config)?;
        Ok(Store::open(self.config().store_url().expose())
            .await?
            .with_calendar(self.live_calendar()?))
    }

    /// What admits bundles, with the configured keys.
    pub(crate) fn bundle_loader(&self) -> Result<BundleLoader, CommandError> {
        self.config().bundle.loader().or_failure(Failure::Config)
    }

    /// Opens the registry, making it if it is missing.
    pub(crate) fn registry(&self) -> Result<LocalRegistry, CommandError> {
        self.config()
            .create_data_dir()
            .or_failure(Failure::Config)?;
        Ok(LocalRegistry::open(self.config().registry_dir())?)
    }
}
