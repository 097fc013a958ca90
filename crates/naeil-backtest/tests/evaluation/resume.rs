//! An evaluation that is killed goes on where it stopped.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use naeil_backtest::{BacktestError, EvaluationProgress, Report, Silent, TaskStore, evaluate};
use naeil_domain::Digest;

use crate::support::{config, market};

/// Pulls the plug in the middle of a task.
struct Killed {
    after_notes: Cell<usize>,
}

impl EvaluationProgress for Killed {
    fn task_started(&self, _: &str, _: usize, _: usize, _: Option<f64>) {}

    fn note(&self, _: &str) {
        let left = self.after_notes.get();
        assert!(left > 0, "the plug is pulled");
        self.after_notes.set(left - 1);
    }

    fn task_finished(&self, _: &str, _: f64, _: bool) {}
}

/// Counts what is run and what is found.
#[derive(Default)]
struct Counting {
    run: Cell<usize>,
    found: Cell<usize>,
}

impl EvaluationProgress for Counting {
    fn task_started(&self, _: &str, _: usize, _: usize, _: Option<f64>) {}

    fn note(&self, _: &str) {}

    fn task_finished(&self, _: &str, _: f64, was_stored: bool) {
        let count = if was_stored { &self.found } else { &self.run };
        count.set(count.get() + 1);
    }
}

fn without_times(mut report: Report) -> Report {
    report.made_at.clear();
    report
        .timings
        .iter_mut()
        .for_each(|timing| timing.seconds = 0.0);
    report
}

fn run(root: &Path, progress: &dyn EvaluationProgress) -> Report {
    evaluate(market(), &config(), root, "now", progress)
        .unwrap()
        .report
}

#[test]
fn an_interrupted_evaluation_ends_with_the_same_report() {
    let whole = tempfile::tempdir().unwrap();
    let broken = tempfile::tempdir().unwrap();
    let expected = run(whole.path(), &Silent);

    // The third epoch of a network is in its second task: one network is stored, one under way.
    for after_notes in [3, 2] {
        let killed = Killed {
            after_notes: Cell::new(after_notes),
        };
        let result = catch_unwind(AssertUnwindSafe(|| run(broken.path(), &killed)));
        assert!(result.is_err(), "it was to be interrupted");
    }
    // A task whose file was damaged meanwhile is run again.
    let folder = std::fs::read_dir(broken.path())
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let linear = folder.join("tasks/fold1-linear.scores");
    let mut bytes = std::fs::read(&linear).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&linear, bytes).unwrap();

    let counting = Counting::default();
    let resumed = run(broken.path(), &counting);
    assert!(
        counting.found.get() >= 3,
        "{} were found",
        counting.found.get()
    );
    let total = resumed.timings.len();
    assert_eq!(counting.found.get() + counting.run.get(), total);
    let json = |report: Report| without_times(report).to_json().unwrap();
    assert_eq!(json(resumed), json(expected));

    // And a third time nothing is trained.
    let counting = Counting::default();
    run(broken.path(), &counting);
    assert_eq!((counting.run.get(), counting.found.get()), (0, total));
}

#[test]
fn other_costs_and_further_seeds_find_the_tasks_that_are_there() {
    let root = tempfile::tempdir().unwrap();
    let fewer = naeil_backtest::EvaluationConfig {
        seeds: vec![1],
        refit_quarterly: false,
        boosting: None,
        ..config()
    };
    evaluate(market(), &fewer, root.path(), "now", &Silent).unwrap();
    let more = naeil_backtest::EvaluationConfig {
        seeds: vec![1, 2],
        one_way_cost_bps: 5.0,
        ..fewer
    };
    let counting = Counting::default();
    evaluate(market(), &more, root.path(), "now", &counting).unwrap();
    // Linear models and the first seed of both folds are there, the second seed is new.
    assert_eq!((counting.found.get(), counting.run.get()), (4, 2));
}

#[test]
fn two_evaluations_do_not_work_in_one_folder() {
    let root = tempfile::tempdir().unwrap();
    let store = TaskStore::open(root.path(), Digest::of(b"data"), Digest::of(b"settings")).unwrap();
    let first = store.lock().unwrap();
    let refused = store.lock().unwrap_err();
    assert!(matches!(refused, BacktestError::Busy { .. }), "{refused}");
    drop(first);
    store.lock().unwrap();
}
