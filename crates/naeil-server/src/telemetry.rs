//! Log lines on standard error.

use std::io::{self, IsTerminal as _};

use tracing::Subscriber;
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt as _, util::SubscriberInitExt as _};

use crate::config::LogFormat;

/// Builds the subscriber for a format and a filter that the configuration has already checked.
fn subscriber(format: LogFormat, filter: &str) -> Box<dyn Subscriber + Send + Sync> {
    let filter = EnvFilter::new(filter);
    let registry = tracing_subscriber::registry().with(filter);
    match format {
        LogFormat::Json => Box::new(
            registry.with(
                fmt::layer()
                    .json()
                    .flatten_event(true)
                    .with_span_events(FmtSpan::NONE)
                    .with_writer(io::stderr),
            ),
        ),
        LogFormat::Text => {
            let colours = io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
            Box::new(registry.with(fmt::layer().with_ansi(colours).with_writer(io::stderr)))
        }
    }
}

/// Installs the subscriber for the whole process.
pub(crate) fn init(format: LogFormat, filter: &str) {
    // A second installation can only happen in tests of this crate, where the first one serves.
    let _ = subscriber(format, filter).try_init();
}
