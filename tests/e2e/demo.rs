//! The demo, whole: what a newcomer runs first.

use naeil_domain::{Horizon, Session, TradingCalendar};
use naeil_simulator::{MarketConfig, SimulatedMarket};
use naeil_tests::binary::Workdir;

use crate::market::UNTIL;

/// A data directory without the settings that keep other tests' trainings tiny.
fn demo_workdir() -> Workdir {
    let mut workdir = Workdir::without_settings();
    // The demo bounds its training by time; here the epochs decide, so that the result does not
    // depend on how busy the machine is.
    workdir.set("NAEIL_RETRAIN__MAX_MINUTES", "15");
    workdir
}

#[test]
fn the_demo_predicts_and_finds_half_of_what_can_be_known() {
    let workdir = demo_workdir();
    let document = workdir.json(["demo", "--once", "--until", UNTIL]);
    assert_eq!(document["data_origin"], "simulated");
    let predictions = document["predictions"].as_array().unwrap();
    assert_eq!(predictions.len(), 3);
    assert!(
        predictions
            .iter()
            .all(|p| p["stock_code"] == "005930" && p["as_of"] == UNTIL)
    );

    let evaluation = &document["evaluation"];
    let session = |key: &str| Session::parse(evaluation[key].as_str().unwrap()).unwrap();
    let (first, last) = (session("first_session"), session("last_session"));
    let config = MarketConfig {
        until: Session::parse(UNTIL).unwrap(),
        ..MarketConfig::default()
    };
    let market = SimulatedMarket::generate(&config, &TradingCalendar::xkrx()).unwrap();
    let from = market.sessions().partition_point(|&s| s < first);
    let to = market.sessions().partition_point(|&s| s <= last);
    let oracle = market.oracle_rank_ic(from..to, Horizon::OneDay).unwrap();
    let model = evaluation["horizons"][0]["model"]["rank_ic"]
        .as_f64()
        .unwrap();
    eprintln!("rank IC at 1d: oracle {oracle:.4}, model {model:.4}");
    assert!((0.05..=0.15).contains(&oracle), "oracle {oracle}");
    assert!(model >= 0.5 * oracle, "model {model}, oracle {oracle}");

    // The second time there is a champion already, and the answer is the same.
    let again = workdir.json(["demo", "--once", "--until", UNTIL]);
    assert_eq!(again["evaluation"], document["evaluation"]);
    let said = |d: &serde_json::Value| d["predictions"][0]["prediction_id"].clone();
    assert_eq!(said(&again), said(&document));
}
