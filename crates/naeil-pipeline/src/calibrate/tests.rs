use std::sync::Arc;

use naeil_domain::DataOrigin;

use super::*;
use crate::progress::Silent;
use crate::retrain;
use crate::testing::{Fault, N_SESSIONS, TestPorts, quick_config, small_market};

/// One training serves all: a champion, newer bars, and what may go wrong.
#[tokio::test(flavor = "multi_thread")]
async fn newer_bars_move_the_calibration_and_nothing_else() {
    let market = small_market(N_SESSIONS + 30, 1);
    let older = market.truncated_after(market.sessions()[N_SESSIONS - 1]);
    let test = TestPorts::with_bars(older);
    let config = quick_config();
    let none = calibrate(&test.ports, &config).await.unwrap_err();
    assert!(matches!(none, CalibrateError::NoChampion), "{none}");

    let first = retrain(&test.ports, &config, &test.runs_dir(), Arc::new(Silent))
        .await
        .unwrap();
    // The retrain ends with a calibration, which is the one its bundle carries.
    let published = test.ports.registry.calibration("1").await.unwrap().unwrap();
    let last = first.calibration.unwrap();
    assert_eq!(last.after, published);
    assert_eq!(published.fitted_through, market.sessions()[N_SESSIONS - 1]);
    // From session 185 (training ends with 164, and 20 are left out) on, the outcomes of all but the
    // newest session are known at 1d.
    assert_eq!(published.n_sessions, N_SESSIONS - 1 - 185);
    assert_eq!(last.before, Some(published), "the bundle's own");

    test.bars.replace(market.clone(), DataOrigin::Simulated);
    let nightly = calibrate(&test.ports, &config).await.unwrap();
    assert_eq!(nightly.version, "1");
    assert_eq!(nightly.before, Some(published));
    assert_eq!(
        nightly.after.fitted_through,
        market.sessions()[N_SESSIONS + 29]
    );
    assert_eq!(nightly.after.n_sessions, published.n_sessions + 30);
    assert_ne!(nightly.after.digest(), published.digest());
    let stored = test.ports.registry.calibration("1").await.unwrap();
    assert_eq!(stored, Some(nightly.after));
    for standings in &nightly.standings {
        let weights: f64 = standings.iter().map(|standing| standing.weight).sum();
        assert!((weights - 1.0).abs() < 1e-12);
    }
    // The same bars give the same file.
    let again = calibrate(&test.ports, &config).await.unwrap();
    assert_eq!(again.after, nightly.after);

    test.registry.fail_at(Some(Fault::PublishCalibration));
    let failed = calibrate(&test.ports, &config).await.unwrap_err();
    assert!(matches!(failed, CalibrateError::Registry(_)), "{failed}");
    test.registry.fail_at(None);

    // Bars that end before anything is known after the training.
    let too_old = market.truncated_after(market.sessions()[184]);
    test.bars.replace(too_old, DataOrigin::Simulated);
    let unknown = calibrate(&test.ports, &config).await.unwrap_err();
    assert!(
        matches!(unknown, CalibrateError::NothingKnown { .. }),
        "{unknown}"
    );
    assert!(unknown.to_string().contains("import newer bars"));
    assert_eq!(test.ports.registry.calibration("1").await.unwrap(), stored);
}
