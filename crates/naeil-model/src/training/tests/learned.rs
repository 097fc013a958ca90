//! What a training learns, and what it must not.

use naeil_domain::Horizon;
use naeil_domain::ports::Forecaster;
use naeil_features::Labels;

use super::*;
use crate::ranking::rank_correlation;
use crate::sampling::{Draw, generator, shuffled};

/// Mean rank IC of the relative output over the test sessions, and its standard error.
fn rank_ic(market: &TinyMarket, model: &TrainedModel, horizon: Horizon) -> (f64, f64) {
    let (windows, places) = market.test_windows(usize::MAX);
    let forecasts = model.forecaster().forecast(&windows).unwrap();
    let rows: Vec<_> = places.iter().zip(&forecasts.rows).collect();
    let ics: Vec<f64> = rows
        .chunk_by(|a, b| a.0.0 == b.0.0)
        .filter_map(|session| {
            let labelled = session
                .iter()
                .filter_map(|((session_idx, stock_idx), row)| {
                    let label = market
                        .labels
                        .forward_return(*session_idx, *stock_idx, horizon)?;
                    Some((row[horizon.index()].relative as f32, label))
                });
            let (relative, returns): (Vec<f32>, Vec<f32>) = labelled.unzip();
            rank_correlation(&relative, &returns)
        })
        .collect();
    mean_and_error(&ics)
}

fn mean_and_error(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values
        .iter()
        .map(|value| (value - mean).powi(2))
        .sum::<f64>()
        / (n - 1.0);
    (mean, (variance / n).sqrt())
}

fn thorough() -> TrainingConfig {
    TrainingConfig {
        learning_rate: 1e-2,
        codes_per_step: 1.0,
        windows_per_epoch: None,
        epochs: 8,
        ..quick()
    }
}

#[test]
fn a_planted_rule_is_learned() {
    let market = TinyMarket::new();
    let model = trained(&market.data(), &market.network(), &thorough()).unwrap();

    // The stock's own return of tomorrow is -0.6 times today's, plus noise of uniform width.
    let (ic, _) = rank_ic(&market, &model, Horizon::OneDay);
    assert!(ic > 0.35, "{ic}");

    let (windows, places) = market.test_windows(usize::MAX);
    let forecasts = model.forecaster().forecast(&windows).unwrap();
    let (mut n, mut loss, mut inside, mut right) = (0.0, 0.0, 0.0, 0.0);
    for (&(session_idx, stock_idx), row) in places.iter().zip(&forecasts.rows) {
        let label = market
            .labels
            .forward_return(session_idx, stock_idx, Horizon::OneDay);
        let Some(label) = label else { continue };
        let (row, up) = (row[0], label > 0.0);
        assert!(row.is_sound());
        let p = 1.0 / (1.0 + (-row.direction).exp());
        n += 1.0;
        loss -= if up { p.ln() } else { (1.0 - p).ln() };
        right += f64::from(u8::from((p > 0.5) == up));
        let [low, .., high] = row.quantiles.unwrap();
        inside += f64::from(u8::from((low..high).contains(&f64::from(label))));
    }
    // A coin has a loss of ln 2 = 0.693 and is right half of the time.
    assert!(loss / n < 0.66, "{}", loss / n);
    assert!(right / n > 0.6, "{}", right / n);
    // 90 % of the returns should lie within; the quantiles see no more than the session's columns.
    assert!((0.8..0.97).contains(&(inside / n)), "{}", inside / n);
}

/// The market's labels, permuted within each session.
fn permuted(market: &TinyMarket, seed: u64) -> Labels {
    let (n_sessions, n_stocks) = (market.panel.sessions().len(), market.panel.stocks().len());
    let mut returns = Vec::new();
    for session_idx in 0..n_sessions {
        let order = shuffled(n_stocks, &mut generator(seed, Draw::Sessions(session_idx)));
        for stock_idx in order {
            returns.extend(Horizon::ALL.map(|horizon| {
                let label = market
                    .labels
                    .forward_return(session_idx, stock_idx, horizon);
                label.unwrap_or(f32::NAN)
            }));
        }
    }
    Labels::from_returns(n_sessions, n_stocks, returns)
}

#[test]
fn permuted_labels_teach_nothing() {
    // A network that learned nothing still orders the stocks somehow, and in this market nearly any
    // order has to do with yesterday's return: one shuffle says little, their mean says it.
    let market = TinyMarket::new();
    let ics: Vec<f64> = (0..8)
        .map(|seed| {
            let labels = permuted(&market, seed);
            let data = TrainingData {
                labels: &labels,
                ..market.data()
            };
            let config = TrainingConfig { seed, ..quick() };
            let model = trained(&data, &market.network(), &config).unwrap();
            rank_ic(&market, &model, Horizon::OneDay).0
        })
        .collect();
    let (mean, standard_error) = mean_and_error(&ics);
    assert!(mean.abs() < 4.0 * standard_error, "{ics:?}");
    assert!(mean < 0.25, "{ics:?}");
}

#[test]
fn members_differ_and_answer_together() {
    let (market, model) = crate::test_market::some_model();
    assert_eq!(model.n_members(), 2);
    assert_ne!(model.members[0], model.members[1]);
    assert!(model.member(2).is_none());
    let (windows, _) = market.test_windows(9);
    let answers = |model: &TrainedModel| model.forecaster().forecast(&windows).unwrap().rows;
    let [first, second] = [0, 1].map(|idx| answers(&model.member(idx).unwrap()));
    for ((a, b), both) in first.iter().zip(&second).zip(answers(model)) {
        for ((a, b), both) in a.iter().zip(b).zip(both) {
            let mean = |value: fn(&naeil_domain::forecast::HorizonForecast) -> f64| {
                (value(a) + value(b)) / 2.0 - value(&both)
            };
            assert!(mean(|f| f.relative).abs() < 1e-6);
            assert!(mean(|f| f.direction).abs() < 1e-6);
            assert!(mean(|f| f.quantiles.unwrap()[4]).abs() < 1e-6);
        }
    }
}

#[test]
fn a_member_is_the_same_alone() {
    let (market, model) = crate::test_market::some_model();
    let alone = TrainingConfig {
        seed: quick().seed + 1,
        ..quick()
    };
    let alone = trained(&market.data(), &market.network(), &alone).unwrap();
    assert_eq!(alone.members[0], model.members[1]);
}
