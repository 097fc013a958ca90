use super::*;

#[test]
fn a_bundle_comes_back_as_it_was_written() {
    let bundle = Bundle::new();
    let mut loaded = BundleLoader.load(&bundle.dir).unwrap();
    let (market, model) = some_model();
    let (windows, _) = market.test_windows(50);
    assert_eq!(
        loaded.forecaster.forecast(&windows).unwrap(),
        model.forecaster().forecast(&windows).unwrap()
    );

    let description = loaded.description;
    assert_eq!(description.digest, bundle.digest);
    let manifest = fs::read(bundle.dir.join(MANIFEST)).unwrap();
    assert_eq!(description.digest, Digest::of(&manifest));
    assert_eq!(description.feature_names, ["log_return_1", "gap_rank"]);
    assert_eq!(description.feature_spec_hash, market.panel.spec().hash());
    assert_eq!(description.lookback, 5);
    assert_eq!(description.horizons, Horizon::ALL);
    assert_eq!(description.train_window, window("2020-01-01", "2020-06-30"));
    assert_eq!(description.data_digest, Digest::of(b"bars"));
    assert_eq!(description.data_origin, DataOrigin::Simulated);
    assert_eq!(description.n_stocks, 20);
    assert_eq!(description.policy, DecisionPolicy::fixed());
    assert_eq!(description.evaluation, evaluation());
    assert_eq!(description.trained_at.timestamp(), 1_600_000_000);
    assert_eq!(description.network, "LSTM 2 -> 6, 5 steps");
}

#[test]
fn the_same_contents_give_the_same_digest() {
    assert_eq!(Bundle::new().digest, Bundle::new().digest);
}

#[test]
fn the_weights_have_pytorchs_names_and_shapes() {
    let bundle = Bundle::new();
    let bytes = fs::read(bundle.dir.join(WEIGHTS)).unwrap();
    let file = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    let mut shapes: Vec<(String, Vec<usize>)> = file
        .tensors()
        .into_iter()
        .map(|(name, view)| (name, view.shape().to_vec()))
        .collect();
    shapes.sort();
    let expected: [(&str, &[usize]); 6] = [
        ("dense.bias", &[3]),
        ("dense.weight", &[3, 6]),
        ("lstm.bias_hh", &[24]),
        ("lstm.bias_ih", &[24]),
        ("lstm.weight_hh", &[24, 6]),
        ("lstm.weight_ih", &[24, 2]),
    ];
    let expected = expected.map(|(name, shape)| (name.to_owned(), shape.to_vec()));
    assert_eq!(shapes, expected);
}

#[test]
fn the_card_says_that_the_data_are_simulated_and_shows_baselines() {
    let bundle = Bundle::new();
    let card = fs::read_to_string(bundle.dir.join(CARD)).unwrap();
    assert!(card.starts_with("---\nmodel_name: stock_prediction_lstm\n"));
    for part in [
        "data_origin: simulated",
        "**The bars are simulated.**",
        "not investment advice",
        "| training | 2020-01-01 to 2020-06-30 |",
        "| model | 0.6100 | - |",
        "| majority | 0.5300 | - |",
        "0.0310 ± 0.0100",
        "| 1d | 0.6000 | 0.4000 |",
    ] {
        assert!(card.contains(part), "no '{part}' in\n{card}");
    }
}

#[test]
fn the_card_repeats_what_was_accepted_about_the_data() {
    let card_of = |accepted: &[String]| {
        let parent = tempfile::tempdir().unwrap();
        let dir = parent.path().join("bundle");
        let accepted = accepted.to_vec();
        write(&dir, |contents| contents.accepted_checks = accepted.leak()).unwrap();
        fs::read_to_string(dir.join(CARD)).unwrap()
    };
    assert!(!card_of(&[]).contains("failed a check"));
    let card = card_of(&["basis_switch".to_owned()]);
    assert!(
        card.contains("**Trained although the data failed a check:** basis_switch"),
        "{card}"
    );
}

#[test]
fn mlmodel_states_the_signature() {
    let bundle = Bundle::new();
    let text = fs::read_to_string(bundle.dir.join(MLMODEL)).unwrap();
    let inputs = text
        .lines()
        .find_map(|line| line.trim().strip_prefix("inputs: '"))
        .and_then(|rest| rest.strip_suffix('\''))
        .unwrap();
    let inputs: Value = serde_json::from_str(inputs).unwrap();
    assert_eq!(inputs[0]["tensor-spec"]["shape"], json!([-1, 5, 2]));
    assert!(text.contains("utc_time_created: '2020-09-13 12:26:40.000000'"));
}

#[test]
fn an_existing_directory_is_left_alone() {
    let bundle = Bundle::new();
    let before = fs::read(bundle.dir.join(MANIFEST)).unwrap();
    let error = write(&bundle.dir, |c| c.n_stocks = 7).unwrap_err();
    assert!(matches!(error, ModelError::Exists(_)), "{error}");
    assert_eq!(fs::read(bundle.dir.join(MANIFEST)).unwrap(), before);
}

#[test]
fn what_a_killed_process_left_does_not_stand_in_the_way() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("bundle");
    let process = std::process::id();
    // More than this process's tests can have counted, and a few ahead.
    for unique in 0..200 {
        let left = format!(".bundle.{process}-{unique}.partial");
        std::fs::create_dir(folder.path().join(left)).unwrap();
    }
    write(&target, |_| {}).unwrap();
    assert!(BundleLoader.load(&target).is_ok());
}

#[test]
fn contents_that_contradict_each_other_are_not_written() {
    let parent = TempDir::new().unwrap();
    let dir = parent.path().join("bundle");
    let check = |change: &dyn Fn(&mut BundleContents<'_>), message: &str| {
        let error = write(&dir, |contents| change(contents)).unwrap_err();
        assert!(error.to_string().contains(message), "{error}");
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 0);
    };
    check(&|c| c.n_stocks = 0, "data.n_stocks is 0");
    check(&|c| c.code_version = "", "code_version is empty");
    check(&|c| c.test_window = c.train_window, "overlap");
    static NO_WINDOWS: WindowBatch = WindowBatch {
        values: Vec::new(),
        n_windows: 0,
        lookback: 5,
        n_features: 2,
    };
    check(&|c| c.golden_windows = &NO_WINDOWS, "0 golden windows");
}
