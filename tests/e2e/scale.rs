//! What `cargo xtask prove scale` measures, on a small market: every stage is timed, and the memory
//! is seen.

use naeil_tests::binary::Workdir;
use naeil_tests::scale::retrain;

#[test]
fn stages_are_timed_and_memory_is_seen() {
    let retraining = retrain(&Workdir::new(), 40, 340).unwrap();
    let stages: Vec<&str> = retraining.stages.iter().map(|(s, _)| s.as_str()).collect();
    assert_eq!(
        stages,
        [
            "extract", "features", "train", "evaluate", "compare", "register", "promote"
        ],
        "{}",
        retraining.said
    );
    assert!(retraining.bars > 10_000, "{retraining:?}");
    let megabytes = retraining.peak_bytes >> 20;
    eprintln!("{megabytes} MB");
    // A program that trains takes more than a shell, and this market is a two-hundredth of the real one.
    assert!((20..2_000).contains(&megabytes), "{megabytes} MB");
}
