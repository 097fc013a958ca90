//! A simulated market with a trained champion, made once for all tests that only read it.

use std::sync::OnceLock;

use naeil_tests::binary::Workdir;

/// The last session of every simulated market here, so that results never depend on today.
pub(crate) const UNTIL: &str = "2026-11-20";

/// Sessions enough for warm-up, lookback, both held-out parts and their purges.
pub(crate) fn simulate(workdir: &Workdir) {
    workdir.ok([
        "simulate",
        "--stocks",
        "30",
        "--sessions",
        "320",
        "--until",
        UNTIL,
        "--seed",
        "7",
    ]);
}

/// A data directory with bars and a champion. Read only: tests that change something make their
/// own.
pub(crate) fn trained() -> &'static Workdir {
    static TRAINED: OnceLock<Workdir> = OnceLock::new();
    TRAINED.get_or_init(fresh_trained)
}

/// The same in a folder of the caller's own.
pub(crate) fn fresh_trained() -> Workdir {
    let workdir = Workdir::new();
    simulate(&workdir);
    workdir.ok(["retrain"]);
    workdir
}
