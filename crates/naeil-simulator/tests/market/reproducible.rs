use naeil_domain::{Digest, Session, TradingCalendar};
use naeil_simulator::{MarketConfig, SimulatedMarket, SimulatorError};

use crate::generate;

fn small(seed: u64) -> MarketConfig {
    MarketConfig {
        seed,
        n_stocks: 40,
        n_sessions: 120,
        ..MarketConfig::default()
    }
}

fn digest(market: &SimulatedMarket) -> Digest {
    let lines: Vec<String> = market
        .bars()
        .map(|(stock, session, bar)| format!("{stock:?} {session} {bar:?}"))
        .collect();
    Digest::of_parts(lines.iter().map(String::as_str))
}

#[test]
fn the_same_settings_make_the_same_bars() {
    assert_eq!(digest(&generate(&small(7))), digest(&generate(&small(7))));
    assert_ne!(digest(&generate(&small(7))), digest(&generate(&small(8))));
    let quiet = MarketConfig {
        signal_strength: 0.0,
        ..small(7)
    };
    assert_ne!(digest(&generate(&small(7))), digest(&generate(&quiet)));
}

#[test]
fn sessions_are_the_calendars_last_up_to_the_end() {
    // 2026-10-31 is a Saturday.
    let config = MarketConfig {
        until: Session::parse("2026-10-31").unwrap(),
        ..small(7)
    };
    let market = generate(&config);
    let calendar = TradingCalendar::xkrx();
    let (first, last) = (market.sessions()[0], market.sessions()[119]);
    assert_eq!(last, Session::parse("2026-10-30").unwrap());
    let expected = calendar
        .sessions_between(first.date(), last.date())
        .unwrap();
    assert_eq!(market.sessions(), expected);
    assert_eq!(market.sessions().len(), 120);
}

#[test]
fn what_cannot_be_made_is_an_error() {
    let calendar = TradingCalendar::xkrx();
    let early = MarketConfig {
        until: Session::parse("2010-03-02").unwrap(),
        ..small(7)
    };
    let error = SimulatedMarket::generate(&early, &calendar).unwrap_err();
    assert!(matches!(error, SimulatorError::Calendar(_)), "{error}");
    let empty = MarketConfig {
        n_stocks: 0,
        ..small(7)
    };
    let error = SimulatedMarket::generate(&empty, &calendar).unwrap_err();
    assert!(error.to_string().starts_with("n_stocks = 0"), "{error}");
}

#[test]
fn the_smallest_markets_can_be_made() {
    for seed in 0..20 {
        let market = generate(&MarketConfig {
            seed,
            n_stocks: 10,
            n_sessions: 30,
            ..MarketConfig::default()
        });
        assert_eq!(market.stocks().len(), 10);
        assert!(market.bars().all(|(_, _, bar)| bar.check().is_ok()));
    }
}
