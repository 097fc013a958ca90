//! Honest skill, at a tenth of what `cargo xtask prove honest` runs.

use naeil_domain::Horizon;
use naeil_tests::honest::{NothingToFind, Permuted, Planted, name_leaks};
use naeil_tests::judged::mean_and_error;

/// A tenth would be two; six give a standard error worth the name.
const REPETITIONS: u64 = 6;

fn check_is_zero(repetitions: impl Iterator<Item = [f64; Horizon::COUNT]>) {
    let repetitions: Vec<[f64; Horizon::COUNT]> = repetitions.collect();
    for horizon in Horizon::ALL {
        let values: Vec<f64> = repetitions.iter().map(|r| r[horizon.index()]).collect();
        let (mean, error) = mean_and_error(&values);
        eprintln!("{horizon}: mean rank IC {mean:+.4}, standard error {error:.4}");
        assert!(
            mean.abs() < 4.0 * error,
            "{horizon}: {mean} is not 0 within 4 x {error}"
        );
    }
}

#[test]
fn nothing_is_found_where_nothing_is() {
    check_is_zero((1..=REPETITIONS).map(|seed| NothingToFind::new(seed).rank_ics().unwrap()));
}

#[test]
fn nothing_is_learned_from_permuted_labels() {
    let market = Permuted::simulated(60, 400, 100).unwrap();
    check_is_zero((1..=REPETITIONS).map(|seed| market.rank_ics(Some(seed)).unwrap()));
    let [as_they_are, ..] = market.rank_ics(None).unwrap();
    eprintln!("labels as they are: {as_they_are:+.4} at 1d");
    assert!(as_they_are > 0.03, "{as_they_are}");
}

/// One seed on a market of the full size: a smaller one teaches less.
#[test]
fn most_of_what_was_planted_is_found() {
    let planted = Planted::new(300, 750, 150).unwrap();
    let skill = planted.skill(&Planted::training(1)).unwrap();
    let share = skill.rank_ic / skill.oracle;
    eprintln!("rank IC {:.4} of {:.4}", skill.rank_ic, skill.oracle);
    assert!(share >= 0.8, "{share}");
}

#[test]
fn leaks_are_named() {
    for leak in name_leaks(40, 520).unwrap() {
        eprintln!("{}: {}: {}", leak.planted, leak.leak.as_str(), leak.said);
    }
}
