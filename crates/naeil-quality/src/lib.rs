//! Data quality: what is wrong with recorded bars, counted, explained and drawn.
//!
//! Start at [`check`]: it reads the history behind the bars of one exchange and gives a
//! [`QualityReport`].
#![warn(missing_docs)]

mod check;
mod name;
mod report;

pub use check::{CheckRequest, check};
pub use name::CheckName;
pub use report::{Finding, QualityReport};
