//! Raw indicators against another implementation, the `ta-lib` crate, on random series of many
//! lengths and periods.

use naeil_features::indicators::{
    RawBars, RawIndicator, RawTable, atr, bollinger, macd, moving_average, obv, rsi, stochastic,
};
use proptest::prelude::*;
use ta_lib::{Core, MAType, OutRange, RetCode};

use crate::synthetic::Lcg;

/// One stock's bars, high over low over nothing.
struct Bars {
    high: Vec<f64>,
    low: Vec<f64>,
    close: Vec<f64>,
    volume: Vec<f64>,
}

fn bars(seed: u64, n: usize) -> Bars {
    let mut lcg = Lcg::new(seed);
    let mut price = 500.0 + 1e5 * lcg.uniform();
    let mut bars = Bars {
        high: Vec::new(),
        low: Vec::new(),
        close: Vec::new(),
        volume: Vec::new(),
    };
    for _ in 0..n {
        if lcg.uniform() > 0.1 {
            price *= 1.0 + 0.02 * lcg.normal();
        }
        bars.close.push(price);
        bars.high.push(price * (1.0 + 0.01 * lcg.uniform()));
        bars.low.push(price * (1.0 - 0.01 * lcg.uniform()));
        bars.volume.push((1e6 * lcg.uniform()).round());
    }
    bars
}

type Outputs<'a, const N: usize> = [&'a mut [f64]; N];

/// Compares `N` series with what the other implementation writes, which begins after its warm-up.
fn check<const N: usize>(
    name: &str,
    found: [&[f64]; N],
    call: impl FnOnce(&Core, usize, Outputs<'_, N>) -> Result<OutRange, RetCode>,
) {
    let n = found[0].len();
    let mut expected = [(); N].map(|()| vec![0.0; n]);
    let outputs = expected.each_mut().map(Vec::as_mut_slice);
    let range = call(&Core::new(), n - 1, outputs).expect("parameters within bounds");
    for (found, expected) in found.into_iter().zip(expected) {
        let (begin, expected) = (range.beg_idx, &expected[..range.count]);
        let magnitude = expected.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
        for (t, found) in found.iter().enumerate() {
            let is_same = match t.checked_sub(begin).and_then(|i| expected.get(i)) {
                Some(x) => (found - x).abs() <= 1e-9 * magnitude,
                None => found.is_nan(),
            };
            assert!(is_same, "{name} at {t} of {n}: {found}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn raw_indicators_equal_another_implementation(
        seed: u64,
        n in 1_usize..400,
        period in 2_usize..70,
        other in 2_usize..40,
        smoothing in 1_usize..12,
    ) {
        let Bars { high, low, close, volume } = &bars(seed, n);
        let of = |sessions: usize| i32::try_from(sessions).expect("a small number");
        check("sma", [&moving_average::sma(close, period)], |core, last, [out]| {
            core.sma(0, last, close, of(period), out)
        });
        check("ema", [&moving_average::ema(close, period)], |core, last, [out]| {
            core.ema(0, last, close, of(period), out)
        });
        check("rsi", [&rsi::rsi(close, period)], |core, last, [out]| {
            core.rsi(0, last, close, of(period), out)
        });
        check("atr", [&atr::atr(high, low, close, period)], |core, last, [out]| {
            core.atr(0, last, high, low, close, of(period), out)
        });
        let found = macd::macd(close, other, period, smoothing);
        check(
            "macd",
            [&found.line, &found.signal, &found.histogram],
            |core, last, [line, signal, histogram]| {
                let (fast, slow, smoothing) = (of(other), of(period), of(smoothing));
                core.macd(0, last, close, fast, slow, smoothing, line, signal, histogram)
            },
        );
        let found = bollinger::bollinger(close, period, 2.5);
        check(
            "bollinger",
            [&found.upper, &found.middle, &found.lower],
            |core, last, [upper, middle, lower]| {
                let (period, kind) = (of(period), MAType::SMA);
                core.bbands(0, last, close, period, 2.5, 2.5, kind, upper, middle, lower)
            },
        );
        let found = stochastic::stochastic(high, low, close, period, smoothing);
        check("stochastic", [&found.k, &found.d], |core, last, [k, d]| {
            let (period, smoothing, kind) = (of(period), of(smoothing), MAType::SMA);
            core.stochf(0, last, high, low, close, period, smoothing, kind, k, d)
        });
        // The other one begins with the first session's volume, which has no direction.
        let shifted: Vec<f64> = obv::obv(close, volume).iter().map(|x| x + volume[0]).collect();
        check("obv", [&shifted], |core, last, [out]| core.obv(0, last, close, volume, out));
    }

    #[test]
    fn a_table_of_many_stocks_holds_what_each_alone_has(seed: u64, n in 1_usize..100) {
        let stocks: Vec<Bars> = (0..3).map(|i| bars(seed.wrapping_add(i), n)).collect();
        let whole = |of: fn(&Bars) -> &Vec<f64>| stocks.iter().flat_map(of).copied().collect();
        let [high, low, close, volume]: [Vec<f64>; 4] =
            [whole(|b| &b.high), whole(|b| &b.low), whole(|b| &b.close), whole(|b| &b.volume)];
        let table = RawTable::new(&[
            RawIndicator::Sma { period: 7 },
            RawIndicator::Obv,
            RawIndicator::MacdSignal { fast: 3, slow: 9, signal: 4 },
            RawIndicator::StochasticD { period: 5, smoothing: 3 },
        ]);
        let market = RawBars {
            open: &[],
            high: &high,
            low: &low,
            close: &close,
            volume: &volume,
        };
        // What the buffer held before does not matter.
        let mut out = vec![7.7; 4 * 3 * n];
        table.compute(&market, n, &mut out);
        for (idx, stock) in stocks.iter().enumerate() {
            let alone = [
                moving_average::sma(&stock.close, 7),
                obv::obv(&stock.close, &stock.volume),
                macd::macd(&stock.close, 3, 9, 4).signal,
                stochastic::stochastic(&stock.high, &stock.low, &stock.close, 5, 3).d,
            ];
            for (column, alone) in alone.iter().enumerate() {
                let found = &out[(column * 3 + idx) * n..][..n];
                let bits = |series: &[f64]| series.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
                prop_assert_eq!(bits(found), bits(alone));
            }
        }
    }
}
