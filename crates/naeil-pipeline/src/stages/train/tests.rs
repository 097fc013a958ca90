use std::sync::Arc;

use super::*;
use crate::progress::Silent;
use crate::run_dir::{RunDir, RunId};
use crate::stages::{extract, features};
use crate::testing::{N_SESSIONS, TestPorts, quick_config, small_market};

/// A run whose train stage is next.
async fn prepared(test: &TestPorts, seed: u64) -> StageContext {
    let mut config = quick_config();
    config.training.epochs = 2;
    let id = RunId::new(test.ports.clock.now(), seed);
    let context = StageContext {
        run: RunDir::create(&test.runs_dir(), id, &config).unwrap(),
        ports: test.ports.clone(),
        config: Arc::new(config),
        progress: Arc::new(Silent),
    };
    extract::run(&context).await.unwrap();
    features::run(&context).await.unwrap();
    context
}

/// Trains as the stage does, and is killed at the first step of the second epoch.
fn train_and_be_killed(context: &StageContext) {
    let mut folder = context.begin(Stage::Train).unwrap();
    let dataset = Dataset::load(&mut folder).unwrap();
    let checkpoints = folder.path(CHECKPOINT_DIR);
    fs::create_dir_all(&checkpoints).unwrap();
    let killed = naeil_model::train(
        &training_data(&dataset),
        &context.config.network.network(dataset.panel.spec()),
        &context.config.training,
        Some(&checkpoints),
        &mut |progress| match progress.epoch {
            1 => ControlFlow::Continue(()),
            _ => ControlFlow::Break(()),
        },
    );
    assert!(killed.is_err());
    assert!(fs::read_dir(&checkpoints).unwrap().next().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_stage_goes_on_and_ends_with_the_same_weights() {
    let test = TestPorts::with_bars(small_market(N_SESSIONS, 1));
    let (whole, killed) = (prepared(&test, 1).await, prepared(&test, 2).await);
    run(&whole).await.unwrap();
    train_and_be_killed(&killed);
    let summary = run(&killed).await.unwrap();
    assert_eq!(summary.members[0].curve.len(), 2);
    let weights = |context: &StageContext| {
        let stage = context.run.stage_path(Stage::Train);
        assert!(!stage.join(CHECKPOINT_DIR).exists());
        fs::read(stage.join(WEIGHTS_FILE)).unwrap()
    };
    assert_eq!(weights(&whole), weights(&killed));
    // A stage that has finished is not run over again.
    assert!(run(&killed).await.is_err());
}
