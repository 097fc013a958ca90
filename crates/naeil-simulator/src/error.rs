//! Why a market cannot be made.

use naeil_domain::CalendarError;

/// A market that cannot be simulated.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SimulatorError {
    /// A setting is outside what the simulator can do; the caller changes it.
    #[error("{setting} = {value} cannot be simulated, choose {expected}")]
    InvalidConfig {
        /// The field of [`MarketConfig`](crate::MarketConfig).
        setting: &'static str,
        /// What was given.
        value: String,
        /// What is possible.
        expected: &'static str,
    },
    /// The calendar does not reach back far enough; the caller asks for fewer sessions or another
    /// end.
    #[error("the market's sessions cannot be dated: {0}")]
    Calendar(#[from] CalendarError),
}
