//! Imports through the crate's public face: what enters, what is refused, and what is left behind
//! when something goes wrong.

mod bad_files;
mod csv_files;
mod interrupted;
mod parquet_files;
mod recorded;
mod refused_rows;
mod repeated;
mod support;
