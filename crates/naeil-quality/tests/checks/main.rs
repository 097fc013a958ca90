//! The checks on markets made by hand, one defect at a time.
#![expect(
    clippy::unwrap_used,
    reason = "a test's helpers fail as its own lines do, which clippy.toml allows"
)]

mod basis;
mod page;
mod poisoned;
mod sessions;
mod stocks;
mod support;
