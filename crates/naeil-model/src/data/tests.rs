use super::*;
use crate::test_market::TinyMarket;

#[test]
fn an_index_holds_the_usable_windows_of_its_sessions() {
    let market = TinyMarket::new();
    let data = market.data();
    let index = WindowIndex::collect(&data, data.train.clone(), "training").unwrap();
    let (mut ups, mut n) = (0, 0);
    for session in &index.sessions {
        assert!(data.train.contains(&session.session_idx));
        assert_eq!(session.stock_idxs.len(), session.returns.len());
        for (&stock_idx, returns) in session.stock_idxs.iter().zip(&session.returns) {
            let stock_idx = stock_idx as usize;
            assert!(market.panel.window(session.session_idx, stock_idx).is_ok());
            let label = |horizon| {
                let labels = &market.labels;
                labels.forward_return(session.session_idx, stock_idx, horizon)
            };
            let expected = Horizon::ALL.map(|horizon| label(horizon).unwrap());
            assert_eq!(*returns, expected);
            ups += usize::from(returns[0] > 0.0);
            n += 1;
        }
    }
    assert_eq!(index.n_windows(), n);
    assert_eq!(index.base_rates()[0], ups as f64 / n as f64);
}

#[test]
fn only_the_chosen_stocks_are_learned_from() {
    let market = TinyMarket::new();
    let data = TrainingData {
        stock_idxs: Some(&[3, 7, 11]),
        ..market.data()
    };
    let index = WindowIndex::collect(&data, data.train.clone(), "training").unwrap();
    assert!(index.sessions.iter().all(|s| s.stock_idxs == [3, 7, 11]));
}

#[test]
fn the_return_scale_is_the_standard_deviation_of_the_known_returns() {
    let session = |returns: &[[f32; 3]]| SessionWindows {
        session_idx: 0,
        stock_idxs: vec![0; returns.len()],
        returns: returns.to_vec(),
    };
    let void = f32::NAN;
    let index = WindowIndex {
        sessions: vec![
            session(&[[1.0, void, 0.5], [3.0, 0.25, 0.5]]),
            session(&[[5.0, 0.75, 0.5]]),
        ],
    };
    // 1, 3, 5: mean 3, variance 8/3; 0.25, 0.75: deviation 0.25; without spread 1.
    let scale = index.return_scale();
    assert!((scale[0] - (8.0_f64 / 3.0).sqrt()).abs() < 1e-12);
    assert_eq!(scale[1..], [0.25, 1.0]);
    assert_eq!(index.base_rates(), [1.0; 3]);
}

#[test]
fn sessions_without_windows_are_refused() {
    let market = TinyMarket::new();
    let refused = |sessions| {
        let error = WindowIndex::collect(&market.data(), sessions, "training").unwrap_err();
        error.to_string()
    };
    assert!(refused(0..4).contains("none of the 4 training sessions has 2 complete windows"));
    assert!(refused(0..10_000).contains("reach behind the panel"));
}
