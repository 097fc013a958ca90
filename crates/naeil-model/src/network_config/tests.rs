use super::*;

fn good() -> NetworkConfig {
    NetworkConfig {
        n_columns: 6,
        sequence_columns: vec![0, 2, 5],
        seq_length: 4,
        hidden_size: 5,
        n_layers: 1,
        wide_size: 3,
        quantile_size: 2,
        dropout: 0.2,
    }
}

#[test]
fn nonsense_is_refused_by_name() {
    let check = |change: fn(&mut NetworkConfig), key: &str| {
        let mut config = good();
        change(&mut config);
        let error = config.validate().unwrap_err().to_string();
        assert!(error.contains(key), "{error}");
    };
    good().validate().unwrap();
    check(|c| c.n_columns = 0, "n_columns");
    check(|c| c.hidden_size = 1 << 20, "hidden_size");
    check(|c| c.n_layers = 5, "n_layers");
    check(|c| c.wide_size = 0, "wide_size");
    check(|c| c.quantile_size = 0, "quantile_size");
    check(|c| c.seq_length = 0, "seq_length");
    check(|c| c.sequence_columns.clear(), "sequence_columns");
    check(|c| c.sequence_columns = vec![1, 1], "sequence_columns");
    check(
        |c| c.sequence_columns = vec![2, 6],
        "sequence_columns: there is no column 6",
    );
    check(|c| c.dropout = 1.0, "dropout");
    check(|c| c.dropout = f64::NAN, "dropout");
}

#[test]
fn the_usual_network_takes_nine_indicators_raw_and_ranked_over_time() {
    let spec = FeatureSpec::v2();
    let network = NetworkConfig::for_spec(&spec);
    network.validate().unwrap();
    network.check_fits(&spec).unwrap();
    assert_eq!(
        (network.n_columns, network.sequence_columns.len()),
        (76, 18)
    );
    let names = |at: usize| &spec.names()[network.sequence_columns[at]];
    for at in 0..9 {
        assert_eq!(format!("{}_rank", names(at)), *names(at + 9));
    }
}

#[test]
fn columns_are_chosen_by_name_and_a_wrong_one_is_named() {
    let spec = FeatureSpec::v2();
    let network = NetworkConfig::for_spec(&spec);
    let chosen = network
        .clone()
        .with_sequence(&spec, &["gap_rank", "rsi_5"])
        .unwrap();
    let names: Vec<_> = chosen
        .sequence_columns
        .iter()
        .map(|&c| &spec.names()[c])
        .collect();
    assert_eq!(names, ["rsi_5", "gap_rank"]);
    let error = network.with_sequence(&spec, &["gab"]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "invalid setting sequence_columns: the feature spec has no column 'gab'"
    );
}

#[test]
fn a_window_longer_than_the_lookback_does_not_fit() {
    let spec = FeatureSpec::v2();
    let network = NetworkConfig::for_spec(&spec);
    let refused = |network: NetworkConfig| network.check_fits(&spec).unwrap_err().to_string();
    let longer = NetworkConfig {
        seq_length: 61,
        ..network.clone()
    };
    assert!(refused(longer).contains("seq_length"));
    let wider = NetworkConfig {
        n_columns: 77,
        ..network
    };
    assert!(refused(wider).contains("n_columns"));
}
