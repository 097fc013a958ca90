//! The whole of naeil from outside: the real binary, a real store on disk, real HTTP.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on should say where it stopped"
)]

mod api;
mod calendar;
mod calibrate;
mod cli;
mod demo;
mod evaluate;
mod import;
mod killed_import;
mod lookahead;
mod market;
mod poisoned;
mod postgres;
mod quality;
mod recorded;
mod serving;
mod snapshots;
mod sources;
mod walk;
