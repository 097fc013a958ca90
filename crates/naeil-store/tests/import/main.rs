//! Imports through the crate's public face: what enters, what is refused, and what is left behind
//! when something goes wrong.
#![expect(
    clippy::unwrap_used,
    reason = "a test's helpers fail as its own lines do, which clippy.toml allows"
)]

mod actions;
mod bad_files;
mod csv_files;
mod database;
mod exchange_server;
mod histories;
mod interrupted;
mod krx;
mod layouts;
mod parquet_files;
mod recorded;
mod refused_rows;
mod repeated;
mod statements;
mod support;
