use naeil_features::Scaler;

use super::*;
use crate::data::WindowIndex;
use crate::network_config::NetworkConfig;
use crate::test_market::TinyMarket;

#[test]
fn a_batch_carries_scaled_windows_and_targets_among_the_whole_session() {
    let market = TinyMarket::new();
    let data = market.data();
    let scaler = Scaler::fit(&market.panel, data.train.clone()).unwrap();
    let index = WindowIndex::collect(&data, data.train.clone(), "training").unwrap();
    // The second column alone over the last three of the five sessions, both at the last.
    let shape = NetworkConfig {
        sequence_columns: vec![1],
        seq_length: 3,
        ..market.network()
    }
    .window_shape();
    let assembler = BatchAssembler {
        panel: &market.panel,
        scaler: WindowScaler::new(&scaler, &shape),
        shape,
        return_scale: [0.5, 2.0, 4.0],
    };
    let session = &index.sessions[7];
    let rows = [2, 11];
    let batch = assembler.assemble(session, &rows);
    let targets = SessionTargets::new(session);
    assert_eq!(batch.windows.n_windows, 2);
    for (at, &row) in rows.iter().enumerate() {
        let stock_idx = session.stock_idxs[row] as usize;
        let view = market.panel.window(session.session_idx, stock_idx).unwrap();
        let mut expected = vec![0.0; 10];
        view.copy_into(&mut expected);
        scaler.transform(&mut expected);
        assert_eq!(
            batch.windows.sequence[at * 3..][..3],
            [expected[5], expected[7], expected[9]]
        );
        assert_eq!(batch.windows.wide[at * 2..][..2], expected[8..]);

        let returns = session.returns[row];
        let of_row = |values: &[f32]| [values[at * 3], values[at * 3 + 1], values[at * 3 + 2]];
        assert_eq!(of_row(&batch.percentile), targets.percentiles[row]);
        assert_eq!(of_row(&batch.market), targets.market);
        assert_eq!(
            of_row(&batch.up),
            returns.map(|r| if r > 0.0 { 1.0 } else { 0.0 })
        );
        let scaled = [returns[0] / 0.5, returns[1] / 2.0, returns[2] / 4.0];
        assert_eq!(of_row(&batch.scaled_return), scaled);
        // Two labels of each horizon share its loss.
        assert_eq!(of_row(&batch.weight), [0.5; 3]);
    }
}

#[test]
fn a_void_label_has_no_weight_and_no_target() {
    let market = TinyMarket::new();
    let data = market.data();
    let scaler = Scaler::fit(&market.panel, data.train.clone()).unwrap();
    let index = WindowIndex::collect(&data, data.train.clone(), "training").unwrap();
    let shape = market.network().window_shape();
    let assembler = BatchAssembler {
        panel: &market.panel,
        scaler: WindowScaler::new(&scaler, &shape),
        shape,
        return_scale: [1.0; 3],
    };
    let mut session = index.sessions[7].clone();
    session.returns[2][1] = f32::NAN;
    let batch = assembler.assemble(&session, &[2, 3, 4]);
    let of_second = |values: &[f32]| [values[1], values[4], values[7]];
    assert_eq!(of_second(&batch.weight), [0.0, 0.5, 0.5]);
    assert_eq!((batch.percentile[1], batch.scaled_return[1]), (0.0, 0.0));
    let finite = |values: &[f32]| values.iter().all(|value| value.is_finite());
    assert!(finite(&batch.percentile) && finite(&batch.scaled_return));
}
