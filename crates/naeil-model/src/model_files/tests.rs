use super::*;
use crate::test_market::some_model;

use naeil_domain::ports::Forecaster;

#[test]
fn a_model_survives_its_files() {
    let (market, model) = some_model();
    let read = TrainedModel::from_files(&model.to_files().unwrap()).unwrap();
    assert_eq!(read.network, model.network);
    assert_eq!(read.weights, model.weights);
    assert_eq!(read.scaler, model.scaler);
    assert_eq!(read.summary.best_epoch, model.summary.best_epoch);
    assert_eq!(read.summary.config, model.summary.config);
    let (windows, _) = market.test_windows(8);
    assert_eq!(
        read.forecaster().forecast(&windows),
        model.forecaster().forecast(&windows)
    );
}

#[test]
fn files_that_do_not_belong_together_are_refused() {
    let (_, model) = some_model();
    let files = model.to_files().unwrap();
    let check = |files: ModelFiles, expected: &str| {
        let error = TrainedModel::from_files(&files).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    };
    let with_training = |from: &str, to: &str| {
        let text = String::from_utf8(files.training.clone()).unwrap();
        assert!(text.contains(from), "{text}");
        ModelFiles {
            training: text.replace(from, to).into_bytes(),
            ..files.clone()
        }
    };
    let hidden = format!("\"hidden_size\": {}", model.network.hidden_size);
    check(
        with_training(&hidden, "\"hidden_size\": 3"),
        "(inputs, hidden, outputs)",
    );
    check(with_training(&hidden, "\"hidden_size\": 0"), "hidden_size");
    check(
        with_training("\"input_size\"", "\"inputs\""),
        "the training",
    );
    let short = ModelFiles {
        weights: files.weights[..40].to_vec(),
        ..files.clone()
    };
    check(short, "safetensors");
}
