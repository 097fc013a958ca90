//! The override file of a running server: read again as long as it runs.

use std::io::ErrorKind;
use std::path::PathBuf;
use std::time::Duration;

use naeil_domain::{LiveCalendar, TradingCalendar};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use tracing::{error, info, warn};

/// A file that still changes after this long is being written, and is left for the next look.
const SETTLING_TIME: Duration = Duration::from_millis(100);

/// What is known of the calendar's data and the override file; clones share their values.
#[derive(Debug, Clone, Default)]
pub(crate) struct CalendarMetrics {
    /// Contents of the override file that could not be used.
    override_errors: Counter,
    /// 1 while the override file cannot be used, and the calendar before it counts.
    override_broken: Gauge,
    /// The last date with data, as seconds from 1970 to the midnight (UTC) that begins it.
    covered_until_seconds: Gauge,
}

impl CalendarMetrics {
    /// Adds every metric to a registry; counters get their `_total` there.
    pub(crate) fn register(&self, registry: &mut Registry) {
        registry.register(
            "calendar_override_errors",
            "Contents of the calendar override file that could not be used",
            self.override_errors.clone(),
        );
        registry.register(
            "calendar_override_broken",
            "1 while the calendar override file cannot be used and the calendar before it counts",
            self.override_broken.clone(),
        );
        registry.register(
            "calendar_covered_until_seconds",
            "The last date the trading calendar knows, as seconds from 1970 to midnight UTC of it",
            self.covered_until_seconds.clone(),
        );
    }

    fn covers(&self, calendar: &TradingCalendar) {
        let midnight = calendar.covered_until().and_time(chrono::NaiveTime::MIN);
        self.covered_until_seconds
            .set(midnight.and_utc().timestamp());
    }
}

/// What the file was when it was last looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Contents {
    Text(String),
    Missing,
    Unreadable(String),
}

/// What a look at the file has led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    /// The file is as it was.
    Unchanged,
    /// The file has changed and is used; the sessions may be the same all the same.
    Taken,
    /// There is no file any more: the calendar is the one that ships.
    Gone,
    /// The file cannot be used: the calendar stays as it was.
    Refused,
}

/// Keeps a [`LiveCalendar`] as the override file says.
#[derive(Debug)]
pub(crate) struct CalendarWatch {
    path: Option<PathBuf>,
    /// The calendar without the file.
    base: TradingCalendar,
    live: LiveCalendar,
    seen: Option<Contents>,
    metrics: CalendarMetrics,
}

impl CalendarWatch {
    /// Watches the file at `path`, if there is one, over `base`; `live` is what the file made of
    /// it when the program began.
    pub(crate) fn new(path: Option<PathBuf>, base: TradingCalendar, live: LiveCalendar) -> Self {
        let metrics = CalendarMetrics::default();
        metrics.covers(&live.current());
        Self {
            path,
            base,
            live,
            seen: None,
            metrics,
        }
    }

    pub(crate) fn metrics(&self) -> &CalendarMetrics {
        &self.metrics
    }

    /// Reads the file again. Trouble is logged and counted once for each content of the file.
    pub(crate) async fn look(&mut self) -> Look {
        let Some(path) = self.path.clone() else {
            return Look::Unchanged;
        };
        let contents = read(&path).await;
        if self.seen.as_ref() == Some(&contents) {
            return Look::Unchanged;
        }
        tokio::time::sleep(SETTLING_TIME).await;
        if read(&path).await != contents {
            return Look::Unchanged;
        }
        let look = self.take(&path.display().to_string(), &contents);
        self.metrics
            .override_broken
            .set(i64::from(look == Look::Refused));
        if look == Look::Refused {
            self.metrics.override_errors.inc();
        }
        self.metrics.covers(&self.live.current());
        self.seen = Some(contents);
        look
    }

    fn take(&self, path: &str, contents: &Contents) -> Look {
        let refused = |problem: &str| {
            error!(
                path,
                problem, "the calendar override file cannot be used, the calendar stays as it was"
            );
            Look::Refused
        };
        match contents {
            Contents::Missing => {
                warn!(
                    path,
                    "the calendar override file is gone, the calendar is the one that ships"
                );
                self.live.replace(self.base.clone());
                Look::Gone
            }
            Contents::Unreadable(problem) => refused(problem),
            Contents::Text(text) => match self.base.clone().with_overrides(text) {
                Err(problem) => refused(&problem.to_string()),
                Ok(calendar) => {
                    if self.live.replace(calendar) {
                        info!(path, "the calendar override file has changed the calendar");
                    }
                    Look::Taken
                }
            },
        }
    }
}

async fn read(path: &std::path::Path) -> Contents {
    match tokio::fs::read_to_string(path).await {
        Ok(text) => Contents::Text(text),
        Err(error) if error.kind() == ErrorKind::NotFound => Contents::Missing,
        Err(error) => Contents::Unreadable(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;

    struct Stage {
        dir: tempfile::TempDir,
        live: LiveCalendar,
        watch: CalendarWatch,
    }

    impl Stage {
        fn new() -> Self {
            let dir = tempfile::tempdir().unwrap();
            let live = LiveCalendar::new(TradingCalendar::xkrx());
            let path = dir.path().join("calendar.csv");
            let watch = CalendarWatch::new(Some(path), TradingCalendar::xkrx(), live.clone());
            Self { dir, live, watch }
        }

        fn write(&self, text: &str) {
            std::fs::write(self.dir.path().join("calendar.csv"), text).unwrap();
        }

        fn trades(&self, date: &str) -> bool {
            let date: NaiveDate = date.parse().unwrap();
            self.live.current().is_session(date).unwrap()
        }

        fn errors(&self) -> (u64, i64) {
            let metrics = self.watch.metrics();
            (metrics.override_errors.get(), metrics.override_broken.get())
        }
    }

    #[tokio::test]
    async fn the_calendar_follows_the_file() {
        let mut stage = Stage::new();
        stage.write("2026-11-25,closed\n");
        assert!(stage.trades("2026-11-25"));
        assert_eq!(stage.watch.look().await, Look::Taken);
        assert!(!stage.trades("2026-11-25"));
        assert_eq!(stage.watch.look().await, Look::Unchanged);

        stage.write("2026-11-26,closed\n");
        assert_eq!(stage.watch.look().await, Look::Taken);
        assert!(stage.trades("2026-11-25") && !stage.trades("2026-11-26"));

        stage.write("2028,covered\n2028-12-29,closed\n");
        assert_eq!(stage.watch.look().await, Look::Taken);
        assert!(stage.trades("2028-03-02"));
        let end_of_2028: NaiveDate = "2028-12-31".parse().unwrap();
        assert_eq!(
            stage.watch.metrics().covered_until_seconds.get(),
            end_of_2028
                .and_hms_opt(0, 0, 0)
                .unwrap()
                .and_utc()
                .timestamp()
        );
    }

    #[tokio::test]
    async fn a_broken_file_changes_nothing_and_is_counted_once() {
        let mut stage = Stage::new();
        stage.write("2026-11-25,closed\n");
        stage.watch.look().await;
        stage.write("2026-11-26,closed\n2026-11-27,maybe\n");
        assert_eq!(stage.watch.look().await, Look::Refused);
        assert_eq!(stage.watch.look().await, Look::Unchanged);
        assert_eq!(stage.errors(), (1, 1));
        assert!(!stage.trades("2026-11-25") && stage.trades("2026-11-26"));

        stage.write("2026-11-26,closed\n2026-11-27,closed\n");
        assert_eq!(stage.watch.look().await, Look::Taken);
        assert_eq!(stage.errors(), (1, 0));
        assert!(!stage.trades("2026-11-27"));

        // A folder in its place cannot be read at all.
        std::fs::remove_file(stage.dir.path().join("calendar.csv")).unwrap();
        std::fs::create_dir(stage.dir.path().join("calendar.csv")).unwrap();
        assert_eq!(stage.watch.look().await, Look::Refused);
        assert_eq!(stage.errors(), (2, 1));
        assert!(!stage.trades("2026-11-27"));
    }

    #[tokio::test]
    async fn without_the_file_the_calendar_is_the_one_that_ships() {
        let mut stage = Stage::new();
        stage.write("2026-11-25,closed\n");
        stage.watch.look().await;
        std::fs::remove_file(stage.dir.path().join("calendar.csv")).unwrap();
        assert_eq!(stage.watch.look().await, Look::Gone);
        assert_eq!(stage.watch.look().await, Look::Unchanged);
        assert!(stage.trades("2026-11-25"));
        assert_eq!(stage.errors(), (0, 0));
    }

    #[tokio::test]
    async fn nothing_is_watched_where_no_file_is_named() {
        let live = LiveCalendar::new(TradingCalendar::xkrx());
        let mut watch = CalendarWatch::new(None, TradingCalendar::xkrx(), live);
        assert_eq!(watch.look().await, Look::Unchanged);
    }
}
