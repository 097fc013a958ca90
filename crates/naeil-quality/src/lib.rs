//! Data quality: what is wrong with recorded bars, counted, explained and drawn.
//!
//! Start at [`check`]: it reads the history behind the bars of one exchange, stock by stock, and
//! gives a [`QualityReport`] of one [`Finding`] a check. [`render_html`] draws it as one page. The
//! crate reads through the port `BarHistory` and writes nothing; it holds one stock's bars at a
//! time, so memory grows with sessions and stocks and not with bars.
#![warn(missing_docs)]

mod axis;
mod check;
mod day_bits;
mod findings;
mod html;
mod limits;
mod market;
mod moves;
mod name;
mod ratio;
mod report;
mod series;
mod worst;

pub use check::{CheckRequest, check, check_since};
pub use html::render_html;
pub use name::CheckName;
pub use report::{
    CodeRow, Count, Example, Finding, QualityReport, ReadError, ReturnBin, SCHEMA_VERSION,
    SessionRow, SuggestedAction,
};
