//! The checks on markets made by hand, one defect at a time.

mod basis;
mod page;
mod poisoned;
mod sessions;
mod stocks;
mod support;
