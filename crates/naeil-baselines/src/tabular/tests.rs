use naeil_domain::ports::WindowShape;
use naeil_domain::{Bar, BarPanel, BarPanelBuilder, Market, PriceBasis, Session, Stock, StockCode};
use naeil_features::FeatureSpec;
use rand::{RngExt as _, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::*;

/// Random walks of six stocks over 200 sessions; stock 2 is listed late, stock 4 halts at times.
fn bars() -> BarPanel {
    let mut rng = ChaCha8Rng::seed_from_u64(4);
    let mut uniform = move || rng.random::<f64>();
    let first = chrono::NaiveDate::from_ymd_opt(2021, 1, 4).unwrap();
    let sessions: Vec<Session> = (0..200)
        .map(|i| Session::new(first + chrono::Days::new(i)))
        .collect();
    let stocks: Vec<Stock> = (0..6)
        .map(|i| Stock {
            code: StockCode::parse(&format!("00000{i}")).unwrap(),
            name: format!("Stock {i}"),
            market: Market::Kospi,
            first_session: sessions[if i == 2 { 50 } else { 0 }],
            last_session: sessions[199],
        })
        .collect();
    let mut builder = BarPanelBuilder::new(sessions, stocks);
    for stock_idx in 0..6 {
        let mut close = 10_000.0;
        for session_idx in if stock_idx == 2 { 50 } else { 0 }..200 {
            let open = close;
            close *= 1.0 + 0.04 * (uniform() - 0.5);
            let halted = stock_idx == 4 && session_idx % 31 == 0;
            builder.set(
                stock_idx,
                session_idx,
                &Bar {
                    open,
                    high: open.max(close) * 1.01,
                    low: open.min(close) * 0.99,
                    close,
                    volume: if halted { 0.0 } else { 1e5 * (1.0 + uniform()) },
                    adjustment_factor: 1.0,
                    basis: PriceBasis::BackAdjusted,
                },
            );
        }
    }
    builder.build()
}

#[test]
fn collects_the_rows_that_a_network_takes() {
    let bars = bars();
    let panel = FeaturePanel::compute(&FeatureSpec::v2(), &bars).unwrap();
    let labels = Labels::compute(&bars);
    let scaler = Scaler::fit(&panel, 0..180).unwrap();
    let stocks = [0, 2, 4, 5];
    let rows = TabularData::collect(&panel, &labels, &scaler, 140..200, Some(&stocks)).unwrap();

    let places: Vec<(usize, usize)> = (rows.session_idx().iter().zip(rows.stock_idx()))
        .map(|(&session_idx, &stock_idx)| (session_idx as usize, stock_idx as usize))
        .collect();
    let usable: Vec<(usize, usize)> = (140..200)
        .flat_map(|session_idx| stocks.map(|stock_idx| (session_idx, stock_idx)))
        .filter(|&(session_idx, stock_idx)| panel.window(session_idx, stock_idx).is_ok())
        .collect();
    assert_eq!(places, usable);
    // Stock 2 comes of age within the range, stock 4 halts in it.
    assert!(rows.len() < 60 * 4 && rows.len() > 60 * 3);
    assert_eq!(rows.sessions().len(), 60);

    // The wide path of the network, to the bit.
    let shape = WindowShape {
        seq_length: 1,
        sequence_columns: vec![0],
        n_columns: 76,
    };
    let mut wide = panel.gather(&shape, places.iter().copied()).unwrap().wide;
    scaler.transform(&mut wide);
    for (row, expected) in wide.chunks_exact(76).enumerate() {
        let found: Vec<f32> = rows.columns().iter().map(|column| column[row]).collect();
        assert_eq!(found, expected);
    }
    for horizon in Horizon::ALL {
        let targets = rows.targets(horizon);
        for (row, &(session_idx, stock_idx)) in places.iter().enumerate() {
            let label = labels.forward_return(session_idx, stock_idx, horizon);
            assert_eq!(label.is_none(), targets.forward_return[row].is_nan());
            assert!(label.is_none_or(|label| label == targets.forward_return[row]));
        }
        let last_known = targets.known().last().map(|&row| places[row as usize].0);
        assert_eq!(last_known, Some(199 - horizon.steps()));
    }
}

#[test]
fn refuses_a_scaler_of_another_spec() {
    let bars = bars();
    let panel = FeaturePanel::compute(&FeatureSpec::v2(), &bars).unwrap();
    let scaler = Scaler::from_parts(&[0.0], &[1.0], &[-1.0], &[1.0]).unwrap();
    let refused = TabularData::collect(&panel, &Labels::compute(&bars), &scaler, 0..200, None);
    assert_eq!(
        refused.unwrap_err().to_string(),
        "the rows have 1 columns, expected 76: use one feature spec throughout"
    );
}
