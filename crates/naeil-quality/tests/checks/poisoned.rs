//! What an import refused is told by name, and fails where there is much of it.

use naeil_domain::Market;
use naeil_quality::CheckName::{
    Duplicates, ImpossibleBars, MissingValues, UnreadableRows, WrongDates,
};
use naeil_test_support::fakes::FakeHistory;

use crate::support::{failed, quiet, report, sessions};

#[tokio::test]
async fn every_kind_of_refusal_has_its_check() {
    let days = sessions("2021-04-01", 400);
    let kinds = [
        ("zero_price", ImpossibleBars),
        ("negative_price", ImpossibleBars),
        ("high_below_low", ImpossibleBars),
        ("outside_range", ImpossibleBars),
        ("not_finite", MissingValues),
        ("missing_value", MissingValues),
        ("future_date", WrongDates),
        ("not_a_session", WrongDates),
        ("duplicate_row", Duplicates),
        ("bad_number", UnreadableRows),
        ("a reason that a later version has", ImpossibleBars),
    ];
    let mut history = FakeHistory::new().with_bars("1", Market::Kospi, quiet(&days, 9_000.0));
    for (reason, _) in kinds {
        history = history.with_refused("2", "2021-04-05", reason, 3);
    }
    let report = report(&history).await;
    for (reason, check) in kinds {
        assert_eq!(report.count(check, reason), 3, "{reason}");
    }
    assert_eq!(report.refused, 33);
    // 15 and 6 of 433 rows are over 1 %, 3 are not.
    assert_eq!(
        failed(&report),
        ["impossible_bars", "missing_values", "wrong_dates"]
    );
}

#[tokio::test]
async fn a_row_that_was_stored_since_is_mended() {
    let days = sessions("2021-04-01", 50);
    let history = FakeHistory::new()
        .with_bars("000001", Market::Kospi, quiet(&days, 9_000.0))
        .with_refused("000001", &days[10].to_string(), "zero_price", 3);
    let report = report(&history).await;
    assert_eq!(report.count(ImpossibleBars, "stored_since"), 3);
    assert_eq!(failed(&report), Vec::<&str>::new());
}
