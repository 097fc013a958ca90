use super::*;
use crate::test_market::{TinyMarket, quick};

use crate::scaling::WindowScaler;
use crate::weights::Weights;
use naeil_features::Scaler;

#[test]
fn the_same_share_of_every_session_judges() {
    let market = TinyMarket::new();
    let data = market.data();
    let sessions = data.validation.clone().unwrap();
    let index = || WindowIndex::collect(&data, sessions.clone(), "validation").unwrap();
    let all = ValidationSet::new(index(), None, 1);
    assert_eq!(all.n_windows(), index().n_windows());
    let some = ValidationSet::new(index(), Some(all.n_windows() / 4), 1);
    assert!(some.rows.iter().all(|rows| rows.len() == 5));
    let again = ValidationSet::new(index(), Some(all.n_windows() / 4), 1);
    assert_eq!(some.rows, again.rows);
}

#[test]
fn fresh_weights_are_judged_like_coins() {
    let market = TinyMarket::new();
    let (data, network) = (market.data(), market.network());
    let index = WindowIndex::collect(&data, data.validation.clone().unwrap(), "validation");
    let set = ValidationSet::new(index.unwrap(), quick().validation_windows, 1);
    let scaler = Scaler::fit(&market.panel, data.train.clone()).unwrap();
    let shape = network.window_shape();
    let assembler = BatchAssembler {
        panel: &market.panel,
        scaler: WindowScaler::new(&scaler, &shape),
        shape,
        return_scale: [1.0; 3],
    };
    let weights = Weights::initial(&network, [1.0; 3], 3);
    let report = set.judge(
        &assembler,
        &LstmNetwork::from_weights(&network, &weights, &inference_device()),
    );
    // Three coins for the ranking; for the direction as much or less, as the market is known; the
    // quantiles add what ln 2 around a median of 0 costs.
    let coin = std::f64::consts::LN_2;
    assert!(
        report.loss > 3.0 * coin && report.loss < 8.0 * coin,
        "{report:?}"
    );
    assert!(report.rank_ic.iter().all(|ic| (-1.0..=1.0).contains(ic)));
}
