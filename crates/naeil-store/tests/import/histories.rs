//! Any history of imports, compared with a model of it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use naeil_domain::ports::{BarRequest, BarSource as _};
use naeil_domain::{BarPanel, Session};
use naeil_store::Store;
use naeil_store::import::IterSource;
use naeil_test_support::builders::{bar, sessions, stock};
use proptest::prelude::*;

use crate::support::options;

const CODES: [&str; 4] = ["000660", "005930", "00104K", "035420"];
const N_SESSIONS: usize = 6;

/// (stock, session) to close.
type Known = BTreeMap<(usize, usize), u32>;

/// One import: what it says of some stocks and sessions, in any order.
fn import() -> impl Strategy<Value = Vec<((usize, usize), u32)>> {
    let place = (0..CODES.len(), 0..N_SESSIONS);
    // Few values, so that "the same again" is as frequent as "another one".
    prop::collection::btree_map(place, 100_u32..103, 1..20)
        .prop_map(|bars| bars.into_iter().collect::<Vec<_>>())
        .prop_shuffle()
}

/// What a panel says, in the model's terms.
fn known(panel: &BarPanel, sessions: &[Session]) -> Known {
    let mut known = Known::new();
    for (stock_idx, stock) in panel.stocks().iter().enumerate() {
        let stock_no = CODES.iter().position(|code| *code == stock.code.as_str());
        let closes = panel.stock_bars(stock_idx).close;
        for (session, close) in panel.sessions().iter().zip(closes) {
            if !close.is_nan() {
                let session_no = sessions.iter().position(|known| known == session);
                known.insert((stock_no.unwrap(), session_no.unwrap()), *close as u32);
            }
        }
    }
    known
}

async fn check(history: Vec<Vec<((usize, usize), u32)>>) {
    let store = Store::open_in_memory().await.unwrap();
    let sessions = sessions("2024-01-02", N_SESSIONS);
    let mut model = Known::new();
    let mut past: Vec<(DateTime<Utc>, Known)> = Vec::new();
    let mut revision = 0;
    for import in history {
        let bars = import.iter().map(|&((stock_no, session_no), close)| {
            let bar = bar(f64::from(close));
            (stock(CODES[stock_no]), sessions[session_no], bar)
        });
        let (mut stored, mut corrected, mut unchanged) = (0, 0, 0);
        for &(place, close) in &import {
            match model.insert(place, close) {
                None => stored += 1,
                Some(before) if before == close => unchanged += 1,
                Some(_) => corrected += 1,
            }
        }
        let mut source = IterSource::new(bars.collect::<Vec<_>>());
        let report = store
            .import(&mut source, &options(None), &mut |_| {})
            .await
            .unwrap();
        let figures = (report.stored, report.corrected, report.unchanged);
        assert_eq!(figures, (stored, corrected, unchanged));
        let state = store.data_state().await.unwrap().unwrap();
        assert_eq!(state.revision > revision, stored + corrected > 0);
        revision = state.revision;
        past.push((Utc::now(), model.clone()));
    }
    for (moment, expected) in past {
        let request = BarRequest {
            as_known_at: Some(moment),
            ..BarRequest::default()
        };
        let panel = store.bars(&request).await.unwrap();
        assert_eq!(known(&panel, &sessions), expected);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn every_history_is_kept_and_counted(history in prop::collection::vec(import(), 1..6)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.unwrap().block_on(check(history));
    }
}
