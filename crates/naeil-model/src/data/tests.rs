use super::*;
use crate::test_market::TinyMarket;

#[test]
fn a_base_rate_has_a_finite_logit() {
    let logit = |ups, n| LabelCount { ups, n }.logit();
    // (1 + 0.5) / (2 + 1) = 1/2; (3 + 0.5) / (3 + 1) = 7/8, and ln 7 = 1.945910.
    assert_eq!(logit(1, 2), 0.0);
    assert!((logit(3, 3) - 1.945_910).abs() < 1e-6);
    assert!((logit(0, 3) + 1.945_910).abs() < 1e-6);
    assert_eq!(logit(0, 0), 0.0);
}

#[test]
fn an_index_holds_the_usable_windows_of_its_sessions() {
    let market = TinyMarket::new();
    let data = market.data();
    let index = WindowIndex::collect(&data, market.split.train.clone());
    assert!(!index.windows().is_empty());
    let mut ups = 0;
    for window in index.windows() {
        let (session_idx, stock_idx) = (window.session_idx as usize, window.stock_idx as usize);
        assert!(market.split.train.contains(&session_idx));
        assert!(market.panel.window(session_idx, stock_idx).is_ok());
        let up = market.labels.is_up(session_idx, stock_idx, Horizon::OneDay);
        ups += usize::from(up == Some(true));
    }
    assert_eq!(index.total()[0].ups, ups);
    assert_eq!(index.total()[0].n, index.windows().len());
}

#[test]
fn a_batch_carries_scaled_windows_labels_and_the_sessions_own_offset() {
    let market = TinyMarket::new();
    let data = market.data();
    let scaler = Scaler::fit(&market.panel, market.split.train.clone()).unwrap();
    let index = WindowIndex::collect(&data, market.split.train.clone());
    let training_logits = index.total().map(LabelCount::logit);
    let assembler = BatchAssembler {
        data: &data,
        scaler: &scaler,
        training_logits,
    };
    let refs = [index.windows()[3], index.windows()[700]];
    let batch = assembler.assemble(&index, &refs);
    assert_eq!(batch.shape, [2, 5, 2]);

    for (row, window) in refs.iter().enumerate() {
        let (session_idx, stock_idx) = (window.session_idx as usize, window.stock_idx as usize);
        let mut expected = vec![0.0; 10];
        let view = market.panel.window(session_idx, stock_idx).unwrap();
        view.copy_into(&mut expected);
        scaler.transform(&mut expected);
        assert_eq!(batch.windows[row * 10..][..10], expected);

        let mut of_session = LabelCount::default();
        for stock_idx in 0..market.panel.stocks().len() {
            if let Some(up) = market.labels.is_up(session_idx, stock_idx, Horizon::OneDay) {
                of_session.add(up);
            }
        }
        let expected = of_session.logit() - training_logits[0];
        assert!((f64::from(batch.offset[row * 3]) - expected).abs() < 1e-6);

        let up = market.labels.is_up(session_idx, stock_idx, Horizon::OneDay);
        assert_eq!(batch.up[row * 3] > 0.5, up == Some(true));
        // Two labels of each horizon share its loss.
        assert_eq!(batch.weight[row * 3..][..3], [0.5; 3]);
    }
}
