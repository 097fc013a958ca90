//! The whole of naeil from outside: the real binary, a real store on disk, real HTTP.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on should say where it stopped"
)]

mod api;
mod calendar;
mod calibrate;
mod calibration;
mod cli;
mod demo;
mod deterministic;
mod evaluate;
mod honest;
mod import;
mod killed_import;
mod lookahead;
mod market;
mod poisoned;
mod postgres;
mod quality;
mod recorded;
mod scale;
mod serving;
mod snapshots;
mod sources;
mod walk;
