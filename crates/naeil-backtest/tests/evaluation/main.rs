//! A whole evaluation on a small simulated market, and leaks planted in it.

mod leaks;
mod report;
mod resume;
mod support;
