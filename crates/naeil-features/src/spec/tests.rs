use super::*;

#[test]
fn v1_states_what_it_computes() {
    let spec = FeatureSpec::v2();
    assert_eq!(spec.n_columns(), 23);
    assert_eq!(spec.names().len(), 23);
    assert_eq!(spec.names()[0], "log_return_1");
    assert_eq!(
        (spec.version(), spec.lookback(), spec.max_untraded()),
        (1, 60, 5)
    );
    // SMA 60 is the last to have a value: 59 sessions come before it.
    assert_eq!(spec.warm_up(), 59);
}

#[test]
fn json_keeps_spec_and_hash() {
    let spec = FeatureSpec::v2();
    let read = FeatureSpec::from_json(&spec.to_json()).unwrap();
    assert_eq!(read, spec);
    assert_eq!(read.hash(), Digest::of(spec.to_json().as_bytes()));
    let through_serde: FeatureSpec =
        serde_json::from_str(&serde_json::to_string(&spec).unwrap()).unwrap();
    assert_eq!(through_serde, spec);
}

#[test]
fn the_hash_of_v1_never_changes() {
    // Taken with another SHA-256 over the JSON written by hand. Bundles name their spec by this
    // hash; a change of columns, order or parameters is a new
    // version.
    let expected = "150da2f7ef7cbdc88ecd5dbbe1ffdd991f3150a53c210f1577f4f5792107d342";
    assert_eq!(FeatureSpec::v2().hash().to_string(), expected);
}

#[test]
fn the_hash_knows_order_and_parameters() {
    let v1 = FeatureSpec::v2();
    let mut swapped = v1.text.clone();
    swapped.columns.swap(0, 1);
    let mut longer = v1.text.clone();
    longer.columns[0].indicator = Indicator::LogReturn { period: 2 };
    for other in [swapped, longer] {
        assert_ne!(FeatureSpec::try_from(other).unwrap().hash(), v1.hash());
    }
}

#[test]
fn a_spec_that_cannot_be_computed_is_refused_by_name() {
    let check = |change: fn(&mut SpecText), expected: &str| {
        let mut text = FeatureSpec::v2().text;
        change(&mut text);
        let error = FeatureSpec::from_json(&text.to_json()).unwrap_err();
        assert_eq!(error.to_string(), expected);
    };
    check(
        |text| text.version = 2,
        "feature spec version 2 is unknown, this build computes version 1",
    );
    check(
        |text| text.columns.clear(),
        "the feature spec is invalid: it has no columns",
    );
    check(
        |text| text.columns[1].name = "gap".to_owned(),
        "the feature spec is invalid: column name 'gap' is empty or used twice",
    );
    check(
        |text| text.columns[3].indicator = Indicator::SmaRatio { period: 0 },
        "the feature spec is invalid: column 'sma_ratio_5': 0 sessions, expected 2 to 200",
    );
    check(
        |text| {
            text.columns[9].indicator = Indicator::MacdLine {
                fast: 26,
                slow: 12,
                signal: 9,
            };
        },
        "the feature spec is invalid: column 'macd_line': fast period 26 is not below slow period 12",
    );
    check(
        |text| text.max_untraded = 60,
        "the feature spec is invalid: max_untraded 60 must be below lookback 60",
    );
    check(
        |text| text.lookback = 300,
        "the feature spec is invalid: lookback and warm-up need 359 sessions, a server reads 320",
    );
}

#[test]
fn text_that_is_no_spec_is_unreadable() {
    for text in [
        "",
        "{}",
        "[]",
        r#"{"version":1,"lookback":60,"max_untraded":5,"columns":[{"name":"a","indicator":{"kind":"astrology"}}]}"#,
    ] {
        let error = FeatureSpec::from_json(text).unwrap_err();
        assert!(
            matches!(error, FeatureError::SpecUnreadable { .. }),
            "{text}: {error}"
        );
    }
}
