use super::*;
use crate::test_market::some_model;

use naeil_domain::ports::Forecaster;

#[test]
fn a_model_survives_its_files() {
    let (market, model) = some_model();
    let read = TrainedModel::from_files(&model.to_files().unwrap()).unwrap();
    assert_eq!(read.network, model.network);
    assert_eq!(read.members, model.members);
    assert_eq!(read.scaler, model.scaler);
    assert_eq!(read.summary.config, model.summary.config);
    assert_eq!(read.summary.members.len(), 2);
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
    check(with_training(&hidden, "\"hidden_size\": 3"), "shape");
    check(with_training(&hidden, "\"hidden_size\": 0"), "hidden_size");
    check(with_training("\"n_columns\"", "\"inputs\""), "the training");
    let short = ModelFiles {
        weights: files.weights[..40].to_vec(),
        ..files.clone()
    };
    check(short, "safetensors");
    let one = ModelFiles {
        weights: model.member(0).unwrap().to_files().unwrap().weights,
        ..files.clone()
    };
    check(one, "of 1 members, the training of 2");
}
