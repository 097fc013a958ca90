use std::sync::Arc;

use naeil_domain::{Bar, BarPanelBuilder, PriceBasis};

use super::*;
use crate::progress::Silent;
use crate::run_dir::{RunDir, RunId};
use crate::testing::{N_SESSIONS, TestPorts, quick_config, small_market};

/// The small market with the first stock's volume multiplied from one session on.
fn market_with_a_boom(from: usize, factor: f64) -> BarPanel {
    let panel = small_market(N_SESSIONS, 1);
    let mut builder = BarPanelBuilder::new(panel.sessions().to_vec(), panel.stocks().to_vec());
    for stock_idx in 0..panel.stocks().len() {
        let bars = panel.stock_bars(stock_idx);
        for session_idx in 0..N_SESSIONS {
            let booms = stock_idx == 0 && session_idx >= from;
            let bar = Bar {
                open: bars.open[session_idx],
                high: bars.high[session_idx],
                low: bars.low[session_idx],
                close: bars.close[session_idx],
                volume: bars.volume[session_idx] * if booms { factor } else { 1.0 },
                adjustment_factor: 1.0,
                basis: PriceBasis::AsTraded,
            };
            builder.set(stock_idx, session_idx, &bar);
        }
    }
    builder.build()
}

#[test]
fn what_trades_after_the_training_window_is_not_chosen_for_it() {
    let test = TestPorts::empty();
    let mut config = quick_config();
    config.universe.max_stocks = Some(1);
    let id = RunId::new(test.ports.clock.now(), 1);
    let context = StageContext {
        run: RunDir::create(&test.runs_dir(), id, &config).unwrap(),
        ports: test.ports.clone(),
        config: Arc::new(config),
        progress: Arc::new(Silent),
    };
    let chosen = |panel: &BarPanel| {
        let universe = choose(&context, panel).unwrap();
        panel.stocks()[universe[0]].code.clone()
    };
    let quiet = chosen(&small_market(N_SESSIONS, 1));
    assert_ne!(quiet.as_str(), "000020");
    // The training window ends with session 164, and half of its sessions make a median. A boom
    // from session 120 on covers half of all sessions and not of those.
    assert_eq!(chosen(&market_with_a_boom(120, 1e6)), quiet);
    assert_eq!(chosen(&market_with_a_boom(80, 1e6)).as_str(), "000020");
}
