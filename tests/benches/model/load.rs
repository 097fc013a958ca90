//! From a bundle on disk to its first prediction: read, verify, pack, replay the golden windows, answer.

use anyhow::Context as _;
use naeil_domain::ports::{ForecasterLoader as _, WindowBatch};
use naeil_model::BundleLoader;
use naeil_tests::binary::Workdir;
use naeil_tests::figures::{Times, head, row};

/// Measures the bundle of a retrain with the default network and ensemble.
pub(crate) fn measure() -> anyhow::Result<()> {
    let mut workdir = Workdir::new();
    // How well it is trained does not change what loading costs.
    workdir.set("NAEIL_RETRAIN__EPOCHS", "1");
    workdir.set("NAEIL_RETRAIN__SEEDS", "5");
    workdir.set("NAEIL_RETRAIN__HIDDEN_SIZE", "64");
    workdir.set("NAEIL_LOG__FILTER", "warn");
    workdir.ok(["simulate", "--sessions", "400", "--until", "2026-11-20"]);
    workdir.ok(["retrain"]);
    let bundle = workdir
        .path()
        .join("registry/stock_prediction_lstm/versions/1/bundle");
    let mut bytes = 0;
    for entry in std::fs::read_dir(&bundle).context("the bundle is not where it should be")? {
        bytes += entry?.metadata()?.len();
    }
    let loader = BundleLoader::default();
    let first_answer = || -> anyhow::Result<usize> {
        let mut loaded = loader.load(&bundle)?;
        let window = WindowBatch::zeros(1, loaded.forecaster.shape());
        Ok(loaded.forecaster.forecast(&window)?.rows.len())
    };
    first_answer()?;
    let times = Times::of(25, first_answer);
    head(
        "Bundle load to first prediction",
        &["what", "kB", "median ms (min to max)"],
    );
    let network = loader.load(&bundle)?.description.network;
    row(&[
        &format!("{network}, verified, golden windows replayed"),
        &format!("{}", bytes / 1024),
        &times.milliseconds(),
    ]);
    Ok(())
}
