//! Properties of every column on random lives; `PROPTEST_CASES` overrides the number of cases.

use proptest::prelude::*;

use super::test_bars::{head, life, scaled, tail};
use super::{Indicator, compute, indicators, is_close, magnitude};
use crate::carried::CarriedBars;
use crate::indicators::ColumnKernel;
use crate::indicators::stream::CarriedBar;

/// Says where the series differ, if by more than `tolerance` of the magnitude anywhere.
fn first_difference(found: &[f64], expected: &[f64], tolerance: f64) -> Option<String> {
    let magnitude = magnitude(expected);
    let pairs = found.iter().zip(expected).enumerate();
    let mut different = pairs.filter(|(_, (x, y))| !is_close(**x, **y, tolerance, magnitude));
    different
        .next()
        .map(|(t, (x, y))| format!("at {t}: {x}, expected {y}"))
}

fn is_same_bits(found: &[f64], expected: &[f64]) -> bool {
    let bits = |series: &[f64]| series.iter().map(|x| x.to_bits()).collect::<Vec<u64>>();
    bits(found) == bits(expected)
}

/// What a column is judged by: bars in, one value a session out.
type Column<'a> = &'a dyn Fn(&CarriedBars) -> Vec<f64>;

/// What another level may change by rounding: a bar's range can be a millionth of its prices, and
/// places in it are then known to ten digits. A level that shows changes a column by far more.
const ROUNDING: f64 = 1e-6;

/// Whether the level of prices or of volumes shows in a column.
fn shows_a_level(
    column: Column<'_>,
    bars: &CarriedBars,
    price: f64,
    volume: f64,
) -> Option<String> {
    let plain = column(bars);
    let of_prices = first_difference(&column(&scaled(bars, price, 1.0)), &plain, ROUNDING);
    of_prices
        .map(|what| format!("price level {what}"))
        .or_else(|| {
            let scaled = column(&scaled(bars, 1.0, 1.0 / volume));
            first_difference(&scaled, &plain, ROUNDING).map(|what| format!("volume level {what}"))
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), ..ProptestConfig::default() })]

    #[test]
    fn levels_of_prices_and_volumes_do_not_show(
        seed: u64,
        price in 0.001_f64..1_000.0,
        volume in 0.001_f64..1_000.0,
    ) {
        let bars = life(seed, 200);
        for (name, indicator) in indicators() {
            let found = shows_a_level(&|bars| indicator.column(bars), &bars, price, volume);
            prop_assert!(found.is_none(), "{name}: {}", found.unwrap_or_default());
        }
    }

    #[test]
    fn what_lies_before_the_window_does_not_show(seed: u64, from in 1_usize..120) {
        let bars = life(seed, 120 + 330);
        let (whole, later) = (compute(&bars), compute(&tail(&bars, from)));
        for ((name, indicator), (whole, later)) in indicators().into_iter().zip(whole.iter().zip(&later)) {
            if indicator.residue(1) == 0.0 {
                let warm_up = indicator.warm_up();
                prop_assert!(
                    is_same_bits(&later[warm_up..], &whole[from + warm_up..]),
                    "{name} depends on more than its window"
                );
            } else {
                // A recursion forgets; one that was moved less than its past needs longer.
                let found = first_difference(&later[300..], &whole[from + 300..], 1e-7);
                prop_assert!(found.is_none(), "{name}: {}", found.unwrap_or_default());
            }
        }
    }

    #[test]
    fn what_comes_later_does_not_show(seed: u64, end in 1_usize..260) {
        let bars = life(seed, 260);
        let (whole, known) = (compute(&bars), compute(&head(&bars, end)));
        for ((name, _), (whole, known)) in indicators().into_iter().zip(whole.iter().zip(&known)) {
            prop_assert!(is_same_bits(known, &whole[..end]), "{name} looks ahead of {end}");
        }
    }

    #[test]
    fn bar_by_bar_gives_the_bits_of_the_whole(seed: u64, n in 1_usize..300) {
        let bars = life(seed, n);
        let whole = compute(&bars);
        let indicators = indicators();
        let kinds: Vec<Indicator> = indicators.iter().map(|(_, indicator)| *indicator).collect();
        let mut stream = ColumnKernel::new(&kinds).stream();
        for t in 0..n {
            if t == n / 2 {
                stream = stream.clone();
            }
            let row = stream.push(CarriedBar {
                open: bars.open[t],
                high: bars.high[t],
                low: bars.low[t],
                close: bars.close[t],
                volume: bars.volume[t],
            });
            for ((found, whole), (name, _)) in row.iter().zip(&whole).zip(&indicators) {
                prop_assert_eq!(found.to_bits(), whole[t].to_bits(), "{} at {}", name, t);
            }
        }
    }

    #[test]
    fn alone_is_the_same_as_together_and_defined_after_the_warm_up(seed: u64, n in 0_usize..200) {
        let bars = life(seed, n);
        for ((name, indicator), together) in indicators().into_iter().zip(compute(&bars)) {
            let alone = indicator.column(&bars);
            prop_assert!(is_same_bits(&alone, &together), "{name}");
            let warm_up = indicator.warm_up().min(n);
            prop_assert!(alone[..warm_up].iter().all(|x| x.is_nan()), "{name}");
            prop_assert!(alone[warm_up..].iter().all(|x| x.is_finite()), "{name}");
        }
    }

    #[test]
    fn a_reversal_after_a_long_rise_turns_what_follows_prices(
        rise in 0.002_f64..0.05,
        fall in 0.01_f64..0.05,
        start in 100.0_f64..1e6,
    ) {
        let up = |t: i32| start * (1.0 + rise).powi(t);
        let mut close: Vec<f64> = (0..140).map(up).collect();
        close.extend((1..=60).map(|t| up(139) * (1.0 - fall).powi(t)));
        let bars = super::test_bars::of_close(&close);
        for ((name, indicator), column) in indicators().into_iter().zip(compute(&bars)) {
            let (before, after) = (column[139], column[199]);
            match indicator {
                // Above what went before after the rise, below it after the fall.
                Indicator::LogReturn { .. }
                | Indicator::SmaRatio { .. }
                | Indicator::EmaRatio { .. }
                | Indicator::Rsi { .. }
                | Indicator::MacdLine { .. }
                | Indicator::BollingerPosition { .. }
                | Indicator::StochasticK { .. }
                | Indicator::StochasticD { .. }
                | Indicator::ObvSlope { .. }
                | Indicator::LargestReturn { .. }
                | Indicator::SmallestReturn { .. }
                | Indicator::Gap {} => prop_assert!(before >= 0.0 && after < before, "{name}: {before} {after}"),
                _ => prop_assert!(before.is_finite() && after.is_finite(), "{name}"),
            }
        }
    }

    #[test]
    fn a_huge_value_is_forgotten_once_it_has_left_the_window(seed: u64, at in 1_usize..50, huge in 1e6_f64..1e11) {
        let mut bars = life(seed, 200);
        let quiet = compute(&bars);
        for series in [&mut bars.open, &mut bars.high, &mut bars.low, &mut bars.close] {
            series[at] = huge;
        }
        bars.volume[at] = 1e15;
        for ((name, indicator), (loud, quiet)) in indicators().into_iter().zip(compute(&bars).iter().zip(&quiet)) {
            if indicator.residue(1) == 0.0 {
                prop_assert!(is_same_bits(&loud[at + 62..], &quiet[at + 62..]), "{name}");
            }
        }
    }
}

/// A thousand, or what the environment says.
fn cases() -> u32 {
    let asked = std::env::var("PROPTEST_CASES").ok();
    asked.and_then(|cases| cases.parse().ok()).unwrap_or(1_000)
}

#[test]
fn a_level_of_prices_or_traded_value_is_caught() {
    let bars = life(7, 200);
    let is_caught = |column: Column<'_>| shows_a_level(column, &bars, 5.0, 5.0);
    let level = is_caught(&|bars| bars.close.iter().map(|close| close.ln()).collect());
    assert!(level.is_some_and(|what| what.starts_with("price level")));
    // Adjusted close x volume knows the splits between its session and the adjustment's.
    let traded_value = is_caught(&|bars| {
        let values = bars.close.iter().zip(&bars.volume);
        values
            .map(|(close, volume)| (close * volume).ln_1p())
            .collect()
    });
    assert!(traded_value.is_some_and(|what| what.starts_with("price level")));
    let volume = is_caught(&|bars| bars.volume.iter().map(|volume| volume.ln_1p()).collect());
    assert!(volume.is_some_and(|what| what.starts_with("volume level")));
}
