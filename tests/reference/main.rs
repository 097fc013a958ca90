//! What naeil computes, against what others compute: Python packages pinned in
//! `tests/python/requirements.txt`, installed once into the target folder.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on should say where it stopped"
)]

mod bars;
mod calendar;
mod indicators;
mod python;
