//! What end-to-end tests, proofs and benchmarks share: the real binary, real recorded bars where
//! they are at hand, and what is measured on markets whose answer is known.
//!
//! Nothing here is part of the product.

pub mod binary;
pub mod calibrated;
pub mod database;
pub mod dev_data;
pub mod figures;
pub mod honest;
pub mod http;
pub mod judged;
pub mod killed_import;
pub mod killed_training;
pub mod lookahead;
pub mod machine;
pub mod random;
pub mod scale;
pub mod server;
