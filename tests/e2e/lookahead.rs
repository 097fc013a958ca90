//! Nothing knows the future, at a tenth of what `cargo xtask prove lookahead` looks at.

use naeil_tests::lookahead::{Market, lookahead};

/// A tenth of the stocks, a tenth of the draws, a hundredth of the reads.
fn check(file: &str) {
    let market = Market::recorded_or_simulated(file, 10, 100).unwrap();
    let figures = lookahead(&market, 20, 7).unwrap();
    eprintln!("{figures:#?}");
    assert!(
        figures.samples >= 20 && figures.windows >= 10,
        "{figures:?}"
    );
    assert!(
        figures.labels >= 60 && figures.served_windows > 100,
        "{figures:?}"
    );
    assert!(figures.streamed_rows > 10_000, "{figures:?}");
}

#[test]
fn nothing_knows_the_future() {
    check("krx_daily_2019_2024.parquet");
}

#[test]
fn nothing_knows_the_future_where_halted_sessions_have_no_bar() {
    check("krx_long_2003_2018.parquet");
}
