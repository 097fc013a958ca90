//! Real servers for tests, benchmarks and proofs: installed, started and ended.
//!
//! One file a service. [`Postgres`] and [`Redis`] run on a free port in a temporary folder and end
//! with the process that started them, however that dies; [`test_database`] gives each test an
//! empty database of its own; [`Python`] is an environment with pinned packages, for peers that a
//! benchmark or a test compares with.
//!
//! A Debian package that is missing is installed where we are root, and the command is printed
//! first. This crate must not know anything of the product.
#![warn(missing_docs)]

mod account;
mod package;
mod postgres;
mod programs;
mod python;
mod redis;
mod supervised;
pub mod test_database;

pub use postgres::Postgres;
pub use python::Python;
pub use redis::Redis;
