//! Nothing knows the future, at a tenth of what `cargo xtask prove lookahead` looks at.

use naeil_tests::lookahead::{Market, lookahead};

#[test]
fn nothing_knows_the_future() {
    let market = Market::recorded_or_simulated("krx_daily_2019_2024.parquet", 20, 100).unwrap();
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
