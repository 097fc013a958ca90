//! The same training gives the same weights, at a tenth of what `cargo xtask prove deterministic`
//! kills.

use std::path::PathBuf;

use naeil_tests::killed_import::Shares;
use naeil_tests::killed_training::{Found, KilledTraining};

/// A tenth would be one, which may come before the first checkpoint.
const KILLS: usize = 3;

#[test]
fn neither_threads_nor_kills_change_a_byte_of_the_weights() {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_prove"));
    let trainings = KilledTraining::prepare(program, 60, 300).unwrap();
    for threads in [1, 3] {
        trainings.with_threads(threads).unwrap();
    }
    let kills = Shares::new(2).take(KILLS);
    let found: Vec<Found> = kills.map(|share| trainings.kill(share).unwrap()).collect();
    // How far a training has come when it is killed depends on how busy the machine is.
    eprintln!("undisturbed {:?}, left {found:?}", trainings.undisturbed);
}
