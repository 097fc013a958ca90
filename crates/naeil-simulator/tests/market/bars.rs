use std::collections::BTreeSet;

use naeil_domain::Bar;

use crate::default_market;

#[test]
fn every_bar_is_possible() {
    let market = default_market();
    for (stock, session, bar) in market.bars() {
        assert_eq!(bar.check(), Ok(()), "{} {session}: {bar:?}", stock.code);
        if !bar.is_halted() {
            let body = bar.open.min(bar.close)..=bar.open.max(bar.close);
            let inside = bar.low <= *body.start() && *body.end() <= bar.high;
            assert!(inside, "{} {session}: {bar:?}", stock.code);
        }
    }
}

#[test]
fn bars_are_ordered_and_fill_each_listing() {
    let market = default_market();
    let keys: Vec<_> = market
        .bars()
        .map(|(stock, session, _)| (stock.code.clone(), session))
        .collect();
    assert!(keys.is_sorted_by(|a, b| a < b));
    for stock in market.stocks() {
        let own: Vec<_> = keys
            .iter()
            .filter(|(code, _)| *code == stock.code)
            .collect();
        assert_eq!(own.first().unwrap().1, stock.first_session);
        assert_eq!(own.last().unwrap().1, stock.last_session);
        let listed = market
            .sessions()
            .iter()
            .filter(|&&s| stock.first_session <= s && s <= stock.last_session);
        assert_eq!(own.len(), listed.count(), "{}", stock.code);
    }
}

#[test]
fn adjusted_closes_move_within_the_daily_limit() {
    let panel = default_market().panel();
    let mut largest = 0.0_f64;
    for stock_idx in 0..panel.stocks().len() {
        for pair in panel.stock_bars(stock_idx).close.windows(2) {
            let change = pair[1] / pair[0] - 1.0;
            if change.is_finite() {
                assert!(change.abs() <= 0.30 + 1e-9, "{pair:?}");
                largest = largest.max(change);
            }
        }
    }
    assert!(largest > 0.29, "no stock ever reached its limit: {largest}");
}

#[test]
fn codes_are_unique_and_the_anchors_are_listed_throughout() {
    let market = default_market();
    let codes: BTreeSet<_> = market.stocks().iter().map(|s| s.code.as_str()).collect();
    assert_eq!(codes.len(), 300);
    let (first, last) = (market.sessions()[0], *market.sessions().last().unwrap());
    for code in ["005930", "000660", "035420"] {
        let stock = market.stocks().iter().find(|s| s.code.as_str() == code);
        let stock = stock.expect("the anchors are always there");
        assert_eq!((stock.first_session, stock.last_session), (first, last));
        assert!(stock.name.ends_with("(simulated)"));
        let own = market.bars().filter(|(s, _, _)| s.code == stock.code);
        assert_eq!(own.filter(|(_, _, bar)| bar.is_halted()).count(), 0);
    }
}

#[test]
fn the_default_market_has_every_kind_of_event() {
    let market = default_market();
    let (first, last) = (market.sessions()[0], *market.sessions().last().unwrap());
    let count = |is: &dyn Fn(&Bar) -> bool| market.bars().filter(|(_, _, bar)| is(bar)).count();
    assert!(market.stocks().iter().any(|s| s.first_session > first));
    assert!(market.stocks().iter().any(|s| s.last_session < last));
    assert!(count(&|bar| bar.is_halted() && bar.open == 0.0) > 0);
    assert!(count(&|bar| bar.is_halted() && bar.open == bar.close) > 0);

    let bars: Vec<_> = market.bars().collect();
    let mut splits = 0;
    let mut unchanged = 0;
    for pair in bars.windows(2) {
        let ((stock, _, before), (next_stock, session, after)) = (pair[0], pair[1]);
        if stock.code != next_stock.code {
            continue;
        }
        let ratio = after.adjustment_factor / before.adjustment_factor;
        if ratio == 1.0 {
            unchanged += usize::from(!after.is_halted() && after.close == before.close);
            continue;
        }
        splits += 1;
        assert!(
            [2.0, 5.0, 10.0].contains(&ratio),
            "{} {session}",
            stock.code
        );
        assert!(before.is_halted() && !after.is_halted());
        let as_traded = after.close * ratio / before.close;
        assert!((0.7..=1.3).contains(&as_traded), "{} {session}", stock.code);
    }
    assert!(splits > 0);
    assert!(unchanged > 0);
    assert!(
        bars.windows(2).all(|pair| {
            let ((stock, _, before), (next_stock, _, after)) = (pair[0], pair[1]);
            stock.code != next_stock.code || !after.is_halted() || after.close == before.close
        }),
        "a halted session repeats the last close"
    );
}
