//! The same weights whatever happens on the way.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::*;
use crate::config::Selection;

fn two_members() -> TrainingConfig {
    TrainingConfig {
        seeds: 2,
        select: Selection::Best,
        // A checkpoint after every step.
        checkpoint_minutes: 1e-12,
        ..quick()
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes_on_any_number_of_threads() {
    let market = TinyMarket::new();
    let run = |threads: usize, seed: u64| {
        let config = TrainingConfig { seed, ..quick() };
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        let train = || trained(&market.data(), &market.network(), &config).unwrap();
        let model = pool.unwrap().install(train);
        let validation = model.summary().validation();
        (model.to_files().unwrap().weights, validation)
    };
    let first = run(1, 1);
    assert_eq!(first, run(2, 1));
    assert_eq!(first, run(3, 1));
    assert_ne!(first.0, run(1, 2).0);
}

/// Trains and goes on after every interruption, until the training is done; `interrupt` is asked
/// after each step of this run.
fn with_interruptions(
    market: &TinyMarket,
    config: &TrainingConfig,
    interrupt: &dyn Fn(usize) -> ControlFlow<()>,
) -> (TrainedModel, usize) {
    let dir = tempfile::tempdir().unwrap();
    let (data, network) = (market.data(), market.network());
    for n_interrupted in 0..100 {
        let mut step = 0;
        let mut on_progress = |_: &Progress<'_>| {
            step += 1;
            interrupt(step)
        };
        let run = || train(&data, &network, config, Some(dir.path()), &mut on_progress);
        match catch_unwind(AssertUnwindSafe(run)) {
            Ok(Ok(model)) => return (model, n_interrupted),
            Ok(Err(ModelError::Stopped)) | Err(_) => {}
            Ok(Err(error)) => panic!("{error}"),
        }
    }
    panic!("the training comes to no end");
}

fn check_resumed(config: &TrainingConfig, interrupt: &dyn Fn(usize) -> ControlFlow<()>) {
    let market = TinyMarket::new();
    let whole = trained(&market.data(), &market.network(), config).unwrap();
    let (resumed, n_interrupted) = with_interruptions(&market, config, interrupt);
    assert!(n_interrupted > 3, "{n_interrupted}");
    let bytes = |model: &TrainedModel| model.to_files().unwrap().weights;
    assert_eq!(bytes(&whole), bytes(&resumed));
    let losses = |model: &TrainedModel| -> Vec<(usize, f64, usize, bool)> {
        let curves = model
            .summary()
            .members
            .iter()
            .flat_map(|member| &member.curve);
        curves
            .map(|report| (report.epoch, report.train_loss, report.windows, report.best))
            .collect()
    };
    for (whole, resumed) in losses(&whole).into_iter().zip(losses(&resumed)) {
        assert!((whole.1 - resumed.1).abs() < 1e-12);
        assert_eq!(
            (whole.0, whole.2, whole.3),
            (resumed.0, resumed.2, resumed.3)
        );
    }
}

#[test]
fn a_training_that_is_stopped_goes_on_to_the_same_weights() {
    // Checkpoints only where it is stopped and after each epoch.
    let config = TrainingConfig {
        checkpoint_minutes: 60.0,
        ..two_members()
    };
    check_resumed(&config, &|step| match step {
        7 => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    });
}

#[test]
fn a_training_that_dies_goes_on_to_the_same_weights() {
    check_resumed(&two_members(), &|step| {
        assert!(step != 7, "killed by the test");
        ControlFlow::Continue(())
    });
}

#[test]
fn a_finished_training_is_not_repeated() {
    let market = TinyMarket::new();
    let dir = tempfile::tempdir().unwrap();
    let mut n_steps = 0;
    let mut run = || {
        let mut count = |_: &Progress<'_>| {
            n_steps += 1;
            ControlFlow::Continue(())
        };
        let (data, network) = (market.data(), market.network());
        let model = train(&data, &network, &quick(), Some(dir.path()), &mut count);
        model.unwrap().to_files().unwrap()
    };
    let first = run();
    assert_eq!(first, run());
    assert!(n_steps > 0 && n_steps == quick().epochs * 20, "{n_steps}");
}

#[test]
fn a_checkpoint_of_another_training_is_refused() {
    let market = TinyMarket::new();
    let dir = tempfile::tempdir().unwrap();
    let run = |config: &TrainingConfig, data: &TrainingData<'_>| {
        let go_on = &mut |_: &Progress<'_>| ControlFlow::Continue(());
        train(data, &market.network(), config, Some(dir.path()), go_on)
    };
    run(&quick(), &market.data()).unwrap();
    let refused = |config: &TrainingConfig, data: &TrainingData<'_>| {
        let error = run(config, data).unwrap_err().to_string();
        assert!(
            error.contains("other data or settings; remove it"),
            "{error}"
        );
    };
    let other_seed = TrainingConfig { seed: 1, ..quick() };
    refused(&other_seed, &market.data());
    let fewer = TrainingData {
        stock_idxs: Some(&[1, 2, 3, 4]),
        ..market.data()
    };
    refused(&quick(), &fewer);
    // How long it may take is no part of it.
    let longer = TrainingConfig {
        max_minutes: Some(60.0),
        ..quick()
    };
    run(&longer, &market.data()).unwrap();
}

#[test]
fn a_damaged_checkpoint_is_refused() {
    let market = TinyMarket::new();
    let dir = tempfile::tempdir().unwrap();
    let run = || {
        let go_on = &mut |_: &Progress<'_>| ControlFlow::Continue(());
        train(
            &market.data(),
            &market.network(),
            &quick(),
            Some(dir.path()),
            go_on,
        )
    };
    run().unwrap();
    let path = dir.path().join("training.checkpoint");
    let whole = std::fs::read(&path).unwrap();
    for at in [0, 70, whole.len() - 1] {
        let mut flipped = whole.clone();
        flipped[at] ^= 1;
        std::fs::write(&path, flipped).unwrap();
        assert!(run().unwrap_err().to_string().contains("damaged"), "{at}");
    }
    std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    assert!(run().unwrap_err().to_string().contains("damaged"));
}

/// A process that died while it wrote leaves a torn file beside the whole one.
#[test]
fn a_torn_write_beside_the_checkpoint_does_no_harm() {
    let market = TinyMarket::new();
    let dir = tempfile::tempdir().unwrap();
    let config = two_members();
    let run = |last: usize| {
        let mut step = 0;
        let mut stop = |_: &Progress<'_>| {
            step += 1;
            match step == last {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            }
        };
        let (data, network) = (market.data(), market.network());
        train(&data, &network, &config, Some(dir.path()), &mut stop)
    };
    assert!(matches!(run(5), Err(ModelError::Stopped)));
    let whole = std::fs::read(dir.path().join("training.checkpoint")).unwrap();
    let torn = dir.path().join("training.checkpoint.partial");
    std::fs::write(&torn, &whole[..whole.len() / 3]).unwrap();
    let resumed = run(usize::MAX).unwrap().to_files().unwrap().weights;
    let straight = trained(&market.data(), &market.network(), &config).unwrap();
    assert_eq!(resumed, straight.to_files().unwrap().weights);
    assert!(!torn.exists());
}

#[test]
fn two_trainings_cannot_share_a_folder() {
    let market = TinyMarket::new();
    let dir = tempfile::tempdir().unwrap();
    let (data, network, config) = (market.data(), market.network(), quick());
    let mut n_refused = 0;
    let mut second = |_: &Progress<'_>| {
        let go_on = &mut |_: &Progress<'_>| ControlFlow::Continue(());
        let error = train(&data, &network, &config, Some(dir.path()), go_on).unwrap_err();
        assert!(matches!(error, ModelError::FolderInUse { .. }), "{error}");
        n_refused += 1;
        ControlFlow::Break(())
    };
    let first = train(&data, &network, &config, Some(dir.path()), &mut second);
    assert!(matches!(first, Err(ModelError::Stopped)));
    assert_eq!(n_refused, 1);
    // The folder is free again.
    let go_on = &mut |_: &Progress<'_>| ControlFlow::Continue(());
    assert!(train(&data, &network, &config, Some(dir.path()), go_on).is_ok());
}
