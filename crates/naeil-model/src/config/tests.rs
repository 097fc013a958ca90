use super::*;

#[test]
fn nonsense_is_refused_by_name() {
    let check = |change: fn(&mut TrainingConfig), key: &str| {
        let mut config = TrainingConfig::default();
        change(&mut config);
        let error = config.validate().unwrap_err().to_string();
        assert!(
            error.starts_with(&format!("invalid setting {key}: ")),
            "{error}"
        );
    };
    TrainingConfig::default().validate().unwrap();
    check(|c| c.learning_rate = f64::NAN, "learning_rate");
    check(|c| c.weight_decay = -0.1, "weight_decay");
    check(|c| c.epochs = 0, "epochs");
    check(|c| c.codes_per_step = 1.1, "codes_per_step");
    check(|c| c.windows_per_epoch = Some(0), "windows_per_epoch");
    check(|c| c.validation_windows = Some(0), "validation_windows");
    check(|c| c.patience = Some(0), "patience");
    check(|c| c.seeds = 0, "seeds");
    check(|c| c.seeds = 65, "seeds");
    check(|c| c.max_minutes = Some(-1.0), "max_minutes");
    // More than a duration can hold.
    check(|c| c.max_minutes = Some(1e300), "max_minutes");
    check(|c| c.checkpoint_minutes = 0.0, "checkpoint_minutes");
}

#[test]
fn a_file_may_name_only_what_differs_from_the_defaults() {
    let config: TrainingConfig = serde_json::from_str(r#"{"seeds":2,"select":"best"}"#).unwrap();
    let expected = TrainingConfig {
        seeds: 2,
        select: Selection::Best,
        ..TrainingConfig::default()
    };
    assert_eq!(config, expected);
    assert!(serde_json::from_str::<TrainingConfig>(r#"{"batch_size":32}"#).is_err());
}
