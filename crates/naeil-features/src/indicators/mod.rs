//! The indicators, one file each: the classic raw series, and the scale-free columns made of them.
//!
//! Raw functions take whole series, oldest first and without gaps, and return a series of the same
//! length whose warm-up is `NaN`, in TA-Lib's convention (recursions are seeded with the simple
//! mean of the first values). Columns ([`Indicator`]) divide the scale of price and volume away
//! and are defined in every session after the warm-up: where a quotient has no value, they hold
//! what each says.
//!
//! [`RawTable`] computes raw series of a whole market at once.

pub mod atr;
mod bar_shape;
pub mod bollinger;
mod columns;
mod engine;
pub mod log_return;
pub mod macd;
pub mod moving_average;
pub mod obv;
mod raw_indicator;
mod registry;
mod return_shape;
pub mod rsi;
pub mod stochastic;
pub(crate) mod stream;
mod table;
#[cfg(test)]
mod test_bars;
#[cfg(test)]
mod tests;
pub mod volatility;
pub mod volume_ratio;

pub(crate) use columns::ColumnKernel;
pub(crate) use engine::batch::Scratch;
pub use raw_indicator::RawIndicator;
pub use registry::Indicator;
use table::raw;
pub use table::{RawBars, RawTable};
