//! Halts, rounding, flat runs, low prices.

use naeil_domain::{Bar, Market, PriceBasis};
use naeil_quality::CheckName::{
    CoarsePrices, Duplicates, FlatSeries, Halts, MixedBasis, OutsideRange, VolumeOutliers,
};
use naeil_test_support::fakes::FakeHistory;

use crate::support::{bar, failed, finding, quiet, report, sessions};

#[tokio::test]
async fn both_spellings_of_a_halt_are_told_apart() {
    let days = sessions("2021-04-01", 40);
    let mut bars = quiet(&days, 100_000.0);
    let close = bars[6].1.close;
    for (_, b) in &mut bars[7..10] {
        *b = Bar {
            open: 0.0,
            high: 0.0,
            low: 0.0,
            ..bar(close, 0.0)
        };
    }
    bars[20].1 = bar(bars[19].1.close, 0.0);
    bars[21].1 = bar(bars[19].1.close * 0.9, 0.0);
    let history = FakeHistory::new().with_bars("035720", Market::Kospi, bars);
    let report = report(&history).await;
    let count = |what| report.count(Halts, what);
    assert_eq!(count("bars"), 5);
    assert_eq!(count("bare"), 3);
    assert_eq!(count("repeated_price"), 2);
    assert_eq!(count("longest"), 3);
    assert_eq!(count("close_changes"), 1);
    assert_eq!(report.sessions.iter().map(|s| s.halts).sum::<u64>(), 5);
    assert_eq!(
        report.count(OutsideRange, "bars"),
        0,
        "a bare halt states no range"
    );
}

#[tokio::test]
async fn rounding_is_counted_with_the_widest_first() {
    let days = sessions("2021-04-01", 40);
    let mut bars = quiet(&days, 100_000.0);
    bars[3].1.close = bars[3].1.high + 50.0;
    bars[9].1.open = bars[9].1.low - 500.0;
    let history = FakeHistory::new().with_bars("035720", Market::Kospi, bars);
    let report = report(&history).await;
    assert_eq!(report.count(OutsideRange, "bars"), 2);
    let finding = finding(&report, OutsideRange);
    assert_eq!(
        finding.examples[0].session.as_deref(),
        Some(&*days[9].to_string())
    );
    assert!(finding.summary.contains("0.50 %"), "{}", finding.summary);
}

#[tokio::test]
async fn flat_coarse_and_crowded_series_are_told() {
    let days = sessions("2021-04-01", 60);
    let mut flat = quiet(&days, 100_000.0);
    flat[10..25]
        .iter_mut()
        .for_each(|(_, b)| *b = bar(99_000.0, 1000.0));
    flat[40].1.volume = 1e6;
    let history = FakeHistory::new()
        .with_bars("000001", Market::Kospi, flat)
        .with_bars("000002", Market::Kosdaq, quiet(&days, 90.0));
    let report = report(&history).await;
    assert_eq!(report.count(FlatSeries, "longest"), 15);
    assert_eq!(report.count(CoarsePrices, "codes"), 1);
    assert_eq!(report.count(CoarsePrices, "bars"), 60);
    assert_eq!(report.count(VolumeOutliers, "bars"), 1);
    assert_eq!(failed(&report), Vec::<&str>::new());
}

#[tokio::test]
async fn bases_within_one_code_and_repeated_rows_are_counted() {
    let days = sessions("2010-01-04", 300);
    let mut bars = quiet(&days, 100_000.0);
    bars[100..]
        .iter_mut()
        .for_each(|(_, b)| b.basis = PriceBasis::AsTraded);
    let history = FakeHistory::new()
        .with_bars("000001", Market::Kospi, bars)
        .with_refused("000001", "2010-01-05", "duplicate_row", 2);
    let report = report(&history).await;
    assert_eq!(report.count(MixedBasis, "codes"), 1);
    assert_eq!(report.count(Duplicates, "rows"), 2);
    assert!(
        finding(&report, Duplicates)
            .summary
            .contains("2 of them on 2010-01-05")
    );
}
