use super::*;

#[test]
fn v2_states_what_it_computes() {
    let spec = FeatureSpec::v2();
    assert_eq!(spec.n_columns(), 76);
    assert_eq!(spec.names().len(), 76);
    assert_eq!(spec.names()[0], "log_return_1");
    assert_eq!(spec.names()[38], "log_return_1_rank");
    for (raw, rank) in spec.columns()[..38].iter().zip(&spec.columns()[38..]) {
        assert_eq!((raw.form, rank.form), (Form::Raw, Form::Rank));
        assert_eq!(raw.indicator, rank.indicator);
    }
    assert_eq!(
        (spec.version(), spec.lookback(), spec.max_untraded()),
        (2, 60, 5)
    );
    // The return over 60 sessions is the last to have a value: 60 sessions come before it.
    assert_eq!(spec.warm_up(), 60);
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
fn the_hash_of_v2_never_changes() {
    // Taken with Python's hashlib over JSON that its json module wrote from a list of the columns.
    // Bundles name their spec by this hash; a change of columns, order or parameters is a new
    // version.
    let expected = "2c7b575ed24dbfd6b8d90bee1e591bdde8fabeb10553217c83d51b1835613013";
    assert_eq!(FeatureSpec::v2().hash().to_string(), expected);
}

#[test]
fn the_hash_knows_order_and_parameters() {
    let v2 = FeatureSpec::v2();
    let mut swapped = v2.text.clone();
    swapped.columns.swap(0, 1);
    let mut longer = v2.text.clone();
    longer.columns[0].indicator = Indicator::LogReturn { period: 4 };
    for other in [swapped, longer] {
        assert_ne!(FeatureSpec::try_from(other).unwrap().hash(), v2.hash());
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
        |text| text.version = 1,
        "feature spec version 1 is unknown, this build computes version 2",
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
        |text| text.columns[7].indicator = Indicator::SmaRatio { period: 0 },
        "the feature spec is invalid: column 'sma_ratio_5': 0 sessions, expected 2 to 200",
    );
    check(
        |text| text.columns[15].indicator = Indicator::MacdLine { fast: 26, slow: 12 },
        "the feature spec is invalid: column 'macd_line': fast period 26 is not below slow period 12",
    );
    check(
        |text| {
            let (period, deviations) = (20, 1e308);
            text.columns[18].indicator = Indicator::BollingerWidth { period, deviations };
        },
        &format!(
            "the feature spec is invalid: column 'bollinger_width': {} deviations, expected more \
             than 0 and at most 100",
            1e308
        ),
    );
    check(
        |text| {
            let column = text.columns[0].clone();
            text.columns = vec![column; 70_000];
        },
        "the feature spec is invalid: it has 70000 columns, at most 1000 can be",
    );
    check(
        |text| text.max_untraded = 60,
        "the feature spec is invalid: max_untraded 60 must be below lookback 60",
    );
    check(
        |text| {
            // Nothing that runs on, so that the lookback alone is at fault.
            text.columns.truncate(7);
            text.lookback = 300;
        },
        "the feature spec is invalid: lookback and warm-up need 360 sessions, a server reads 320",
    );
}

#[test]
fn a_recursion_that_does_not_forget_is_refused_by_name() {
    let check = |name: &str, indicator: Indicator, residue: &str| {
        let mut text = FeatureSpec::v2().text;
        text.columns[0] = FeatureColumn {
            name: name.to_owned(),
            indicator,
            form: Form::Raw,
        };
        let error = FeatureSpec::from_json(&text.to_json()).unwrap_err();
        let expected = format!(
            "the feature spec is invalid: column '{name}': {residue} of its recursion's start is \
             left after the 260 sessions that a server reads before a window, at most 5e-9 may be: \
             use a shorter period"
        );
        assert_eq!(error.to_string(), expected);
    };
    // By hand: (199/201)^260, (1 - 1/200)^260, (1 - 1/15)^260, (59/61)^260, (51/53)^260.
    check("slow", Indicator::EmaRatio { period: 200 }, "7.4e-2");
    check("calm", Indicator::AtrRatio { period: 200 }, "2.7e-1");
    check("rsi", Indicator::Rsi { period: 15 }, "1.6e-8");
    let (fast, slow, signal) = (12, 26, 60);
    check(
        "late",
        Indicator::MacdHistogram { fast, slow, signal },
        "1.7e-4",
    );
    check("wide", Indicator::MacdLine { fast: 12, slow: 52 }, "4.5e-5");
    // A window knows nothing beyond it.
    let mut text = FeatureSpec::v2().text;
    text.columns[0].indicator = Indicator::SmaRatio { period: 200 };
    assert!(FeatureSpec::from_json(&text.to_json()).is_ok());
}

#[test]
fn text_that_is_no_spec_is_unreadable() {
    for text in [
        "",
        "{}",
        "[]",
        r#"{"version":1,"lookback":60,"max_untraded":5,"columns":[{"name":"a","indicator":{"kind":"astrology"}}]}"#,
        r#"{"version":2,"lookback":60,"max_untraded":5,"columns":[{"name":"a","form":"raw","indicator":{"kind":"gap","period":5}}]}"#,
        r#"{"version":2,"lookback":60,"max_untraded":5,"columns":[{"name":"a","form":"raw","indicator":{"kind":"rsi","period":5,"smoothing":2}}]}"#,
    ] {
        let error = FeatureSpec::from_json(text).unwrap_err();
        assert!(
            matches!(error, FeatureError::SpecUnreadable { .. }),
            "{text}: {error}"
        );
    }
}
