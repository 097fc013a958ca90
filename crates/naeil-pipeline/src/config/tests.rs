use chrono::{TimeZone as _, Utc};
use naeil_domain::{Exchange, Session};
use naeil_quality::CheckName;

use super::*;

fn refusal(change: impl FnOnce(&mut PipelineConfig)) -> ConfigError {
    let mut config = PipelineConfig::default();
    change(&mut config);
    config.validate().unwrap_err()
}

#[test]
fn the_defaults_hold_and_are_the_documented_ones() {
    let config = PipelineConfig::default();
    assert_eq!(config.validate(), Ok(()));
    assert_eq!(
        (config.validation_sessions, config.test_sessions),
        (120, 120)
    );
    assert_eq!(
        (config.network.hidden_size, config.network.dropout),
        (64, 0.3)
    );
    assert_eq!(config.calibration.interval_level, 0.90);
    assert_eq!(config.promotion.min_gain, 0.02);
    assert_eq!(config.policy, PolicyMode::Fitted);
    assert_eq!(config.universe.max_stocks, None);
}

#[test]
fn every_refusal_names_its_key_and_value() {
    let check = |error: ConfigError, key: &str, value: &str| {
        assert_eq!((error.key.as_str(), error.value.as_str()), (key, value));
        let text = error.to_string();
        assert!(
            text.starts_with(&format!("{key} is {value}: it has to")),
            "{text}"
        );
    };
    check(refusal(|c| c.test_sessions = 20), "test_sessions", "20");
    check(
        refusal(|c| c.validation_sessions = 0),
        "validation_sessions",
        "0",
    );
    check(
        refusal(|c| c.last_sessions = Some(240)),
        "last_sessions",
        "240",
    );
    check(
        refusal(|c| c.network.seq_length = 61),
        "network.seq_length",
        "61",
    );
    check(
        refusal(|c| c.calibration.interval_level = 90.0),
        "calibration.interval_level",
        "90",
    );
    check(
        refusal(|c| c.promotion.min_gain = 0.0),
        "promotion.min_gain",
        "0",
    );
    check(
        refusal(|c| c.promotion.min_gain = 2.0),
        "promotion.min_gain",
        "2",
    );
    check(
        refusal(|c| c.universe.max_stocks = Some(0)),
        "universe.max_stocks",
        "0",
    );
    check(
        refusal(|c| c.data.exchange = Exchange::Us),
        "data.exchange",
        "US",
    );
    let crowded = |c: &mut PipelineConfig| {
        c.universe.max_stocks = Some(1);
        c.universe.always = ["005930", "000660"]
            .map(|code| StockCode::parse(code).unwrap())
            .to_vec();
    };
    check(refusal(crowded), "universe.max_stocks", "1");
}

#[test]
fn training_settings_are_checked_too() {
    let error = refusal(|c| c.training.epochs = 0);
    assert_eq!(
        error.to_string(),
        "training.epochs is refused: it must be at least 1"
    );
    let refused = |change: fn(&mut PipelineConfig)| refusal(change).key;
    assert_eq!(
        refused(|c| c.network.hidden_size = 0),
        "network.hidden_size"
    );
    assert_eq!(refused(|c| c.network.dropout = 1.0), "network.dropout");
    assert_eq!(refused(|c| c.network.dropout = f64::NAN), "network.dropout");
}

#[test]
fn survives_its_own_json_and_refuses_unknown_keys() {
    let mut config = PipelineConfig {
        last_sessions: Some(730),
        policy: PolicyMode::Fixed,
        ..PipelineConfig::default()
    };
    config.universe.always = vec![StockCode::parse("00104K").unwrap()];
    config.data = DataConfig {
        exchange: Exchange::Us,
        until: Some(Session::parse("2024-06-28").unwrap()),
        as_known_at: Some(Utc.with_ymd_and_hms(2024, 7, 1, 0, 0, 0).unwrap()),
        observed_calendar: true,
        accept: vec![CheckName::BasisSwitch],
        from_snapshot: Some("snapshot".into()),
    };
    let text = serde_json::to_string(&config).unwrap();
    assert!(text.contains(r#""always":["00104K"]"#), "{text}");
    assert_eq!(
        serde_json::from_str::<PipelineConfig>(&text).unwrap(),
        config
    );

    let error = serde_json::from_str::<PipelineConfig>(r#"{"test_session": 5}"#).unwrap_err();
    assert!(error.to_string().contains("test_session"), "{error}");
    let bad_code = r#"{"universe": {"always": ["no code"]}}"#;
    assert!(serde_json::from_str::<PipelineConfig>(bad_code).is_err());
}
