use std::fs;
use std::path::{Path, PathBuf};

use naeil_domain::ports::{Forecaster, ForecasterLoader, LoadError};
use naeil_domain::{Baseline, Horizon, HorizonEvaluation, Scores, Session};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;
use crate::error::ModelError;
use crate::test_market::some_model;

fn session(text: &str) -> Session {
    Session::parse(text).unwrap()
}

fn window(first: &str, last: &str) -> DateWindow {
    DateWindow {
        first: session(first),
        last: session(last),
    }
}

fn evaluation() -> EvaluationReport {
    let scores = |accuracy| Scores {
        accuracy: Some(accuracy),
        precision: None,
        rank_ic: Some(0.031),
        rank_ic_standard_error: Some(0.01),
        ..Scores::default()
    };
    EvaluationReport {
        first_session: session("2020-11-01"),
        last_session: session("2020-12-25"),
        horizons: Horizon::ALL
            .map(|horizon| HorizonEvaluation {
                horizon,
                n_rows: 800,
                n_sessions: 40,
                base_rate: Some(0.47),
                model: scores(0.61),
                baselines: vec![(Baseline::Majority, scores(0.53))],
            })
            .to_vec(),
    }
}

/// Writes a bundle of the small model, after `change` had its way with the contents.
fn write(
    dir: &Path,
    change: impl FnOnce(&mut BundleContents<'_>),
) -> Result<Digest, ModelError> {
    let (market, model) = some_model();
    let (golden_windows, _) = market.test_windows(8);
    let evaluation = evaluation();
    let mut contents = BundleContents {
        model,
        spec: market.panel.spec(),
        policy: DecisionPolicy::fixed(),
        evaluation: &evaluation,
        train_window: window("2020-01-01", "2020-06-30"),
        validation_window: window("2020-08-01", "2020-09-30"),
        test_window: window("2020-11-01", "2020-12-25"),
        data_digest: Digest::of(b"bars"),
        data_origin: DataOrigin::Simulated,
        n_stocks: 20,
        trained_at: DateTime::from_timestamp(1_600_000_000, 0).unwrap(),
        code_version: "0.1.0+test",
        golden_windows: &golden_windows,
    };
    change(&mut contents);
    write_bundle(dir, &contents)
}

/// A good bundle in a directory of its own.
struct Bundle {
    _parent: TempDir,
    dir: PathBuf,
    digest: Digest,
}

impl Bundle {
    fn new() -> Self {
        let parent = TempDir::new().unwrap();
        let dir = parent.path().join("bundle");
        let digest = write(&dir, |_| {}).unwrap();
        Self {
            _parent: parent,
            dir,
            digest,
        }
    }

    fn edit_manifest(&self, edit: impl FnOnce(&mut Value)) {
        let path = self.dir.join(MANIFEST);
        let mut manifest: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        edit(&mut manifest);
        fs::write(&path, manifest.to_string()).unwrap();
    }

    /// Replaces a file and states its new digest, as a forger with access to everything would.
    fn forge(&self, name: &str, bytes: &[u8]) {
        fs::write(self.dir.join(name), bytes).unwrap();
        self.edit_manifest(|manifest| {
            manifest["files"][name] = json!({
                "sha256": Digest::of(bytes).to_string(),
                "bytes": bytes.len(),
            });
        });
    }

    fn refusal(&self) -> String {
        match BundleLoader.load(&self.dir) {
            Err(LoadError::Refused(reason)) => reason,
            other => panic!("not refused: {other:?}"),
        }
    }
}

/// Checks that a bundle spoilt by `spoil` is refused with a message that contains `message`.
fn check_refused(spoil: impl FnOnce(&Bundle), message: &str) {
    let bundle = Bundle::new();
    spoil(&bundle);
    let refusal = bundle.refusal();
    assert!(refusal.contains(message), "'{refusal}' lacks '{message}'");
}

fn check_manifest_refused(edit: impl FnOnce(&mut Value), message: &str) {
    check_refused(|bundle| bundle.edit_manifest(edit), message);
}

/// Weights of the small model with one tensor's values changed.
fn weights_with(change: impl FnOnce(&mut crate::weights::Weights)) -> Vec<u8> {
    let mut weights = some_model().1.weights.clone();
    change(&mut weights);
    crate::weight_file::to_bytes(&weights).unwrap()
}

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
    assert_eq!(description.feature_names, ["log_return_1", "gap"]);
    assert_eq!(description.feature_spec_hash, market.panel.spec().hash());
    assert_eq!(description.lookback, 5);
    assert_eq!(description.horizons, Horizon::ALL);
    assert_eq!(
        description.train_window,
        window("2020-01-01", "2020-06-30")
    );
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
fn contents_that_contradict_each_other_are_not_written() {
    let parent = TempDir::new().unwrap();
    let dir = parent.path().join("bundle");
    let check = |change: &dyn Fn(&mut BundleContents<'_>), message: &str| {
        let error = write(&dir, |contents| change(contents)).unwrap_err();
        assert!(error.to_string().contains(message), "{error}");
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 0);
    };
    let other_spec = FeatureSpec::v1();
    let no_windows = WindowBatch {
        values: Vec::new(),
        n_windows: 0,
        lookback: 5,
        n_features: 2,
    };
    // The closures borrow from here, so contents with other lifetimes are made one by one.
    check(&|c| c.n_stocks = 0, "data.n_stocks is 0");
    check(&|c| c.code_version = "", "code_version is empty");
    check(&|c| c.test_window = c.train_window, "overlap");
    drop((other_spec, no_windows));
}

#[test]
fn a_missing_or_additional_file_is_refused() {
    for name in [MANIFEST, WEIGHTS, GOLDEN, CARD, MLMODEL] {
        check_refused(
            |bundle| fs::remove_file(bundle.dir.join(name)).unwrap(),
            &format!("{name} is missing"),
        );
    }
    check_refused(
        |bundle| fs::write(bundle.dir.join("run.sh"), "").unwrap(),
        "it holds a file \"run.sh\" that no bundle has",
    );
}

#[cfg(unix)]
#[test]
fn links_and_directories_are_refused() {
    check_refused(
        |bundle| {
            let path = bundle.dir.join(WEIGHTS);
            let outside = bundle.dir.with_extension("elsewhere");
            fs::rename(&path, &outside).unwrap();
            std::os::unix::fs::symlink(&outside, &path).unwrap();
        },
        "\"weights.safetensors\" is not a plain file",
    );
    check_refused(
        |bundle| {
            fs::remove_file(bundle.dir.join(CARD)).unwrap();
            fs::create_dir(bundle.dir.join(CARD)).unwrap();
        },
        "\"MODEL_CARD.md\" is not a plain file",
    );
}

#[test]
fn a_changed_byte_in_any_file_is_refused() {
    for name in [WEIGHTS, GOLDEN, CARD, MLMODEL] {
        check_refused(
            |bundle| {
                let path = bundle.dir.join(name);
                let mut bytes = fs::read(&path).unwrap();
                *bytes.last_mut().unwrap() ^= 1;
                fs::write(&path, bytes).unwrap();
            },
            &format!("{name} has the digest"),
        );
    }
}

#[test]
fn a_truncated_or_oversized_file_is_refused() {
    check_refused(
        |bundle| {
            let path = bundle.dir.join(WEIGHTS);
            let bytes = fs::read(&path).unwrap();
            fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
        },
        "weights.safetensors has",
    );
    check_refused(
        |bundle| {
            // A sparse file: large to read, nothing on disk.
            let file = fs::File::create(bundle.dir.join(MANIFEST)).unwrap();
            file.set_len(MANIFEST_LIMIT + 1).unwrap();
        },
        "manifest.json is larger than 4194304 bytes",
    );
}

#[test]
fn a_manifest_that_is_not_one_is_refused() {
    let write_text = |text: &'static str| {
        move |bundle: &Bundle| fs::write(bundle.dir.join(MANIFEST), text).unwrap()
    };
    check_refused(write_text("not json"), "manifest.json is not a manifest");
    check_refused(write_text("{}"), "missing field `schema_version`");
    check_manifest_refused(
        |m| m["schema_version"] = json!(2),
        "schema version 2, this program reads version 1",
    );
    check_manifest_refused(
        |m| m["on_load"] = json!("rm -rf /"),
        "unknown field `on_load`",
    );
    check_manifest_refused(|m| m["network"]["hidden_size"] = json!(-6), "invalid value");
    check_manifest_refused(
        |m| drop(m.as_object_mut().unwrap().remove("scaler")),
        "missing field `scaler`",
    );
}

#[test]
fn a_manifest_whose_values_make_no_sense_is_refused() {
    check_manifest_refused(
        |m| m["network"]["hidden_size"] = json!(1_000_000),
        "hidden_size: 1000000 is not between 1 and 4096",
    );
    check_manifest_refused(
        |m| m["network"]["seq_length"] = json!(6),
        "seq_length: 6 does not fit the feature spec, which has 5",
    );
    check_manifest_refused(
        |m| m["horizons"] = json!(["1d", "20d", "5d"]),
        "its horizons are",
    );
    check_manifest_refused(
        |m| m["policy"][1]["up"] = json!(0.4),
        "of horizon 5d are invalid",
    );
    check_manifest_refused(
        |m| drop(m["policy"].as_array_mut().unwrap().pop()),
        "the policy has the horizons [\"1d\", \"5d\"]",
    );
    check_manifest_refused(
        |m| m["windows"]["train"]["last"] = json!("2020-13-01"),
        "the train window: '2020-13-01' is not a session date",
    );
    check_manifest_refused(
        |m| m["windows"]["test"]["first"] = json!("2020-09-01"),
        "overlap or are out of order",
    );
    check_manifest_refused(
        |m| m["windows"]["test"]["first"] = json!("2021-09-01"),
        "the test window ends before it begins",
    );
    check_manifest_refused(
        |m| m["trained_at"] = json!("yesterday"),
        "trained_at is not an RFC 3339 time",
    );
    check_manifest_refused(
        |m| m["data"]["origin"] = json!("dreamt"),
        "unknown data origin 'dreamt'",
    );
    check_manifest_refused(
        |m| m["model_name"] = json!("other"),
        "it is a model 'other'",
    );
    check_manifest_refused(
        |m| m["training"]["config"]["batch_size"] = json!(0),
        "batch_size",
    );
    check_manifest_refused(
        |m| m["evaluation"]["horizons"][0]["baselines"][0]["baseline"] = json!("oracle"),
        "unknown baseline 'oracle'",
    );
}

#[test]
fn a_feature_spec_that_is_not_the_one_stated_is_refused() {
    check_manifest_refused(
        |m| m["feature_spec"]["columns"][0]["indicator"]["period"] = json!(2),
        "the feature spec has hash",
    );
    check_manifest_refused(
        |m| m["feature_spec_hash"] = json!("abc"),
        "feature_spec_hash: 'abc' is not a SHA-256",
    );
    check_manifest_refused(
        |m| m["feature_spec"]["version"] = json!(9),
        "feature spec version 9 is unknown",
    );
}

#[test]
fn a_scaler_that_cannot_scale_is_refused() {
    check_manifest_refused(
        |m| m["scaler"]["std"][0] = json!(0.0),
        "the scaler is invalid",
    );
    check_manifest_refused(
        |m| {
            for part in ["mean", "std", "low", "high"] {
                m["scaler"][part] = json!([1.0]);
            }
        },
        "the scaler has 1 columns, the feature spec 2",
    );
}

#[test]
fn a_manifest_that_names_other_files_is_refused() {
    check_manifest_refused(
        |m| drop(m["files"].as_object_mut().unwrap().remove(WEIGHTS)),
        "the manifest does not name weights.safetensors",
    );
    check_manifest_refused(
        |m| {
            let file = m["files"][WEIGHTS].clone();
            m["files"]["../../etc/passwd"] = file;
        },
        "the manifest names a file '../../etc/passwd' that no bundle has",
    );
    check_manifest_refused(
        |m| m["files"][CARD]["sha256"] = json!("00"),
        "MODEL_CARD.md: '00' is not a SHA-256",
    );
}

#[test]
fn forged_weights_are_refused() {
    check_refused(
        |bundle| bundle.forge(WEIGHTS, b"\xff\xff\xff\xff\xff\xff\xff\xff{}"),
        "weights.safetensors: the weights are refused: not a readable safetensors file",
    );
    check_refused(
        |bundle| bundle.forge(WEIGHTS, &weights_with(|w| w.weight_hh[5] = f32::NAN)),
        "lstm.weight_hh holds a value that is not finite at position 5",
    );
    check_refused(
        |bundle| {
            bundle.forge(
                WEIGHTS,
                &weights_with(|w| {
                    w.n_outputs = 1;
                    w.dense_weight.truncate(6);
                    w.dense_bias.truncate(1);
                }),
            );
        },
        "(2, 6, 1) where (2, 6, 3) is meant",
    );
    // Digests agree and shapes fit, but the model is another: the golden vectors tell.
    check_refused(
        |bundle| bundle.forge(WEIGHTS, &weights_with(|w| w.dense_bias[2] += 0.01)),
        "golden.safetensors: window 0 gives",
    );
}

#[test]
fn forged_weights_with_another_type_or_tensor_are_refused() {
    use safetensors::tensor::{Dtype, TensorView};
    let rewrite = |dtype: Dtype, extra: bool| {
        let weights = &some_model().1.weights;
        let tensors = weights.tensors();
        let data: Vec<Vec<u8>> = tensors
            .iter()
            .map(|t| vec![0; t.values.len() * dtype.size()])
            .collect();
        let mut views: Vec<(&str, TensorView<'_>)> = tensors
            .iter()
            .zip(&data)
            .map(|(t, data)| (t.name, TensorView::new(dtype, t.shape.clone(), data).unwrap()))
            .collect();
        if extra {
            let view = TensorView::new(dtype, vec![3], &data[5]).unwrap();
            views.push(("lstm.secret", view));
        }
        safetensors::serialize(views, None).unwrap()
    };
    check_refused(
        |bundle| bundle.forge(WEIGHTS, &rewrite(Dtype::F64, false)),
        "lstm.weight_ih has type F64, expected F32",
    );
    check_refused(
        |bundle| bundle.forge(WEIGHTS, &rewrite(Dtype::F32, true)),
        "unexpected tensor 'lstm.secret'",
    );
}

#[test]
fn forged_golden_vectors_are_refused() {
    check_refused(
        |bundle| {
            let mut bytes = fs::read(bundle.dir.join(GOLDEN)).unwrap();
            // The last bytes are the last number of the tensor that comes last in the file.
            let at = bytes.len() - 4..;
            bytes[at].copy_from_slice(&f32::NAN.to_le_bytes());
            bundle.forge(GOLDEN, &bytes);
        },
        "golden.safetensors: ",
    );
    check_refused(
        |bundle| bundle.forge(GOLDEN, &fs::read(bundle.dir.join(WEIGHTS)).unwrap()),
        "golden.safetensors: 6 tensors, there must be 2",
    );
}

#[test]
fn a_directory_that_is_not_there_is_an_io_error() {
    let error = BundleLoader.load(Path::new("no/such/bundle")).unwrap_err();
    assert!(matches!(error, LoadError::Io { .. }), "{error}");
}
