//! Stand-ins for ports whose real adapters are too heavy for a unit test. Each says that it is a
//! fake, behaves the same every time, and can be told to fail.

mod all_at_once;
mod bars;
mod clock;
mod forecaster;
mod history;
mod loader;
mod prediction_log;

pub use all_at_once::all_at_once;
pub use bars::FakeBars;
pub use clock::SettableClock;
pub use forecaster::{FakeForecaster, ForecastControl};
pub use history::FakeHistory;
pub use loader::{FakeLoader, fake_description};
pub use prediction_log::RecordingLog;
