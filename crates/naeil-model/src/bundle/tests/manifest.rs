use super::*;

#[test]
fn a_manifest_that_is_not_one_is_refused() {
    let write_text = |text: &'static str| {
        move |bundle: &Bundle| fs::write(bundle.dir.join(MANIFEST), text).unwrap()
    };
    check_refused(write_text("not json"), "manifest.json is not a manifest");
    check_refused(write_text("{}"), "missing field `schema_version`");
    for version in [1, 3] {
        let bundle = Bundle::new();
        bundle.edit_manifest(|m| m["schema_version"] = json!(version));
        let error = bundle.error(&BundleLoader::default());
        assert!(
            matches!(error, LoadError::Version { found, supported: 2 } if found == version),
            "{error}"
        );
        assert!(error.to_string().contains("or train again"), "{error}");
    }
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
        "seq_length: 6 is more than the feature spec's lookback of 5",
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
        |m| m["training"]["config"]["epochs"] = json!(0),
        "epochs",
    );
    check_manifest_refused(
        |m| m["evaluation"]["horizons"][0]["baselines"][0]["baseline"] = json!("oracle"),
        "unknown baseline 'oracle'",
    );
}

#[test]
fn counts_that_do_not_fit_together_are_refused() {
    check_manifest_refused(|m| m["members"] = json!(0), "members is 0");
    check_manifest_refused(|m| m["members"] = json!(65), "between 1 and 64");
    check_manifest_refused(
        |m| m["members"] = json!(1),
        "it tells of the training of 2 members and has 1",
    );
    check_manifest_refused(|m| m["golden_windows"] = json!(1025), "between 1 and 1024");
    check_manifest_refused(
        |m| m["golden_windows"] = json!(1),
        "bytes cannot be a file for this network",
    );
}

#[test]
fn sizes_are_known_before_anything_is_read() {
    // The file is small; the manifest claims that it is not, or asks for a network that is not.
    check_manifest_refused(
        |m| m["files"][WEIGHTS]["bytes"] = json!(500_000_000_u64),
        "weights.safetensors: 500000000 bytes cannot be a file for this network",
    );
    check_manifest_refused(
        |m| m["files"][WEIGHTS]["bytes"] = json!(u64::MAX),
        "are more than 536870912",
    );
    check_manifest_refused(
        |m| m["network"]["hidden_size"] = json!(4096),
        "bytes cannot be a file for this network",
    );
    check_manifest_refused(
        |m| m["files"][CARD]["bytes"] = json!(3 << 20),
        "MODEL_CARD.md: 3145728 bytes are more than 2097152",
    );
}

#[test]
fn a_calibration_that_cannot_be_is_refused() {
    let part = |horizon: &str| json!({"horizon": horizon, "intercept": 0.1, "slope": 0.5, "interval": null});
    let calibration = |parts: Vec<Value>| json!({"fitted_through": "2020-12-01", "n_sessions": 9, "horizons": parts});
    check_manifest_refused(
        |m| m["calibration"] = calibration(vec![part("1d"), part("5d")]),
        "the calibration has the horizons [\"1d\", \"5d\"]",
    );
    check_manifest_refused(
        |m| {
            m["calibration"] = calibration(vec![part("1d"), part("5d"), part("20d")]);
            m["calibration"]["horizons"][1]["slope"] = json!(-1.0);
        },
        "the calibration of horizon 5d is invalid",
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
