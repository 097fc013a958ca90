//! What returns of real markets have in common (Cont 2001), here in the default market.

use naeil_simulator::SimulatedMarket;

use crate::default_market;

/// Log returns of each stock that traded in every session.
fn unbroken_returns(market: &SimulatedMarket) -> Vec<Vec<f64>> {
    let panel = market.panel();
    (0..panel.stocks().len())
        .map(|stock_idx| panel.stock_bars(stock_idx))
        .filter(|bars| bars.volume.iter().all(|&volume| volume > 0.0))
        .map(|bars| {
            let pairs = bars.close.windows(2);
            pairs.map(|pair| (pair[1] / pair[0]).ln()).collect()
        })
        .collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn centred(values: &[f64]) -> Vec<f64> {
    let mean = mean(values);
    values.iter().map(|value| value - mean).collect()
}

fn correlation(x: &[f64], y: &[f64]) -> f64 {
    let (x, y) = (centred(x), centred(y));
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    product(&x, &y) / (product(&x, &x) * product(&y, &y)).sqrt()
}

#[test]
fn returns_have_fat_tails() {
    let kurtoses: Vec<f64> = unbroken_returns(&default_market())
        .iter()
        .map(|returns| {
            let returns = centred(returns);
            let moment = |power| {
                mean(
                    &returns
                        .iter()
                        .map(|r: &f64| r.powi(power))
                        .collect::<Vec<_>>(),
                )
            };
            moment(4) / moment(2).powi(2)
        })
        .collect();
    assert!(mean(&kurtoses) > 4.0, "{}", mean(&kurtoses));
}

#[test]
fn volatility_clusters_and_returns_do_not() {
    let returns = unbroken_returns(&default_market());
    let lagged = |of: fn(f64) -> f64| -> Vec<f64> {
        returns
            .iter()
            .map(|returns| {
                let values: Vec<f64> = returns.iter().map(|&r| of(r)).collect();
                correlation(&values[1..], &values[..values.len() - 1])
            })
            .collect()
    };
    let squared = mean(&lagged(|r| r * r));
    assert!(squared > 0.03, "{squared}");
    // The planted reversal makes returns themselves slightly negatively correlated.
    let plain = mean(&lagged(|r| r));
    assert!(plain.abs() < 0.05, "{plain}");
}

#[test]
fn stocks_move_together() {
    let returns = unbroken_returns(&default_market());
    let sample = &returns[..60];
    let mut correlations = Vec::new();
    for (i, x) in sample.iter().enumerate() {
        correlations.extend(sample[..i].iter().map(|y| correlation(x, y)));
    }
    let mean = mean(&correlations);
    assert!((0.1..0.5).contains(&mean), "{mean}");
}

#[test]
fn volume_rises_with_the_size_of_the_move() {
    let panel = default_market().panel();
    let correlations: Vec<f64> = (0..panel.stocks().len())
        .map(|stock_idx| panel.stock_bars(stock_idx))
        .filter(|bars| bars.volume.iter().all(|&volume| volume > 0.0))
        .map(|bars| {
            let moves: Vec<f64> = bars
                .close
                .windows(2)
                .map(|pair| (pair[1] / pair[0]).ln().abs())
                .collect();
            let volumes: Vec<f64> = bars.volume[1..].iter().map(|volume| volume.ln()).collect();
            correlation(&moves, &volumes)
        })
        .collect();
    assert!(mean(&correlations) > 0.2, "{}", mean(&correlations));
}
