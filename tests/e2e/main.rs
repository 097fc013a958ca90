//! The whole of naeil from outside: the real binary, a real store on disk, real HTTP.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on should say where it stopped"
)]

mod api;
mod cli;
mod demo;
mod import;
mod market;
mod recorded;
mod serving;
mod skill;
mod sources;
