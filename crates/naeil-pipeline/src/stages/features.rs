//! Stage 2: computes features, labels and the split, and writes down what they are.

use std::collections::BTreeMap;
use std::ops::Range;

use naeil_domain::Horizon;
use naeil_features::{FeatureSpec, Labels, VoidLabel};

use crate::context::StageContext;
use crate::dataset::{Dataset, FeaturesFile, SPEC_FILE, SPLIT_FILE, SUMMARY_FILE, UsableWindows};
use crate::error::StageError;
use crate::score::usable_windows;
use crate::snapshot::BarSnapshot;
use crate::split::{SplitFile, plan_split, window_of};
use crate::stage::Stage;

/// Computes the feature panel and the labels of the snapshot, and writes spec, split, counts and
/// the panel's digest.
///
/// # Errors
/// [`StageError::NoRows`] if a part of the split has no usable window, or what the features or the
/// disk say.
pub async fn run(context: &StageContext) -> Result<(), StageError> {
    context.compute(compute).await
}

fn compute(context: &StageContext) -> Result<(), StageError> {
    let mut folder = context.begin(Stage::Features)?;
    let snapshot = BarSnapshot::read(&mut folder)?;
    let spec = FeatureSpec::v2();
    let split = plan_split(snapshot.bars.sessions(), &spec, &context.config)?;
    let split_file = SplitFile::new(snapshot.bars.sessions(), &split);
    let dataset = Dataset::compute(snapshot, &spec, split)?;
    let summary = summarise(&dataset);
    refuse_empty_parts(&dataset, &summary.usable_windows)?;
    folder.write(SPEC_FILE, spec.to_json().as_bytes())?;
    folder.write_json(SPLIT_FILE, &split_file)?;
    folder.write_json(SUMMARY_FILE, &summary)?;
    folder.finish()?;
    let windows = &summary.usable_windows;
    context.progress.note(&format!(
        "{} columns; usable windows: {} for training, {} for validation, {} for the test",
        summary.n_columns, windows.train, windows.validation, windows.test
    ));
    Ok(())
}

fn summarise(dataset: &Dataset) -> FeaturesFile {
    let Dataset {
        panel,
        labels,
        split,
        ..
    } = dataset;
    let universe = dataset.universe();
    let count = |sessions: &Range<usize>| usable_windows(panel, sessions.clone(), universe).count();
    FeaturesFile {
        spec_hash: panel.spec().hash().to_string(),
        panel_digest: dataset.panel_digest().to_string(),
        n_columns: panel.spec().n_columns(),
        usable_windows: UsableWindows {
            train: count(&split.train),
            validation: count(&split.validation),
            test: count(&split.test),
        },
        void_labels: void_labels(labels),
    }
}

/// Void labels by horizon and reason; reasons without any are left out.
fn void_labels(labels: &Labels) -> BTreeMap<String, BTreeMap<String, u64>> {
    let counts = labels.void_counts();
    Horizon::ALL
        .into_iter()
        .map(|horizon| {
            let by_reason = VoidLabel::ALL
                .into_iter()
                .map(|reason| (reason.code().to_owned(), counts.get(horizon, reason)))
                .filter(|&(_, count)| count > 0)
                .collect();
            (horizon.to_string(), by_reason)
        })
        .collect()
}

fn refuse_empty_parts(dataset: &Dataset, windows: &UsableWindows) -> Result<(), StageError> {
    let split = &dataset.split;
    let parts = [
        ("training", windows.train, &split.train),
        ("validation", windows.validation, &split.validation),
        ("test", windows.test, &split.test),
    ];
    for (part, n_windows, sessions) in parts {
        if n_windows == 0 {
            let dates = window_of(dataset.panel.sessions(), sessions);
            return Err(StageError::NoRows {
                part,
                hint: format!(
                    "no stock has a complete window from {dates}; look for gaps in the imported \
                     bars"
                ),
            });
        }
    }
    Ok(())
}
