use naeil_domain::{HorizonCalibration, IntervalCalibration};

use super::*;

#[test]
fn a_bundle_comes_back_as_it_was_written() {
    let bundle = Bundle::new();
    let mut loaded = BundleLoader::default().load(&bundle.dir).unwrap();
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
    assert_eq!(
        description.network,
        format!("{} (2 members)", model.network().summary())
    );
    assert_eq!(description.calibration, None);
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
    assert_eq!(shapes.len(), 2 * 17);
    for (name, shape) in [
        ("members.0.lstm.weight_ih_l0", vec![24, 2]),
        ("members.1.lstm.weight_hh_l0", vec![24, 6]),
        ("members.1.relative.bias", vec![3]),
    ] {
        assert!(shapes.contains(&(name.to_owned(), shape)), "{name} in {shapes:?}");
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
    assert_eq!(inputs[1]["name"], "wide");
    assert_eq!(inputs[1]["tensor-spec"]["shape"], json!([-1, 2]));
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
    assert!(BundleLoader::default().load(&target).is_ok());
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
        n_windows: 0,
        sequence: Vec::new(),
        wide: Vec::new(),
    };
    check(&|c| c.golden_windows = &NO_WINDOWS, "0 golden windows");
}

#[test]
fn calibration_reference_and_curves_come_along() {
    let part = HorizonCalibration {
        intercept: -0.1,
        slope: 0.25,
        interval: Some(IntervalCalibration {
            level: 0.9,
            lower_scale: 1.25,
            upper_scale: 0.75,
        }),
    };
    let calibration = Calibration::new(session("2020-10-01"), 90, [part; 3]).unwrap();
    let (market, model) = some_model();
    let (windows, _) = market.test_windows(40);
    let forecasts = model.forecaster().forecast(&windows).unwrap().rows;
    let names = market.panel.spec().names();
    let reference = Reference::measure(names, &windows.wide, &forecasts);
    let bundle = Bundle::with(|contents| {
        // Leaked so that they live as long as the other contents; this is a test.
        contents.calibration = Some(Box::leak(Box::new(calibration)));
        contents.reference = Some(Box::leak(Box::new(reference.clone())));
        contents.training_curves = Some("<svg/>");
    });
    let loader = BundleLoader::default();
    let description = loader.load(&bundle.dir).unwrap().description;
    assert_eq!(description.calibration, Some(calibration));
    assert_eq!(loader.reference(&bundle.dir).unwrap(), Some(reference));
    assert_eq!(fs::read(bundle.dir.join(CURVES)).unwrap(), b"<svg/>");
    assert_eq!(loader.reference(&Bundle::new().dir).unwrap(), None);

    bundle.forge(REFERENCE, br#"{"n_rows":1,"features":[],"scores":[]}"#);
    let refusal = bundle.refusal();
    assert!(refusal.contains("its features are not those of the feature spec"), "{refusal}");
}
