//! Real servers and peers for tests, benchmarks and proofs: installed, started and ended here.
#![warn(missing_docs)]

pub mod test_database;
