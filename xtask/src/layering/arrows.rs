//! The arrows between our own crates.

use crate::workspace::Workspace;

/// A crate of the product and the crates of ours that it may depend on. What is not here is not
/// allowed; a new crate gets its row together with its reason in `docs/ARCHITECTURE.md`.
const ARROWS: &[(&str, &[&str])] = &[
    ("naeil-domain", &[]),
    ("naeil-features", &["naeil-domain"]),
    ("naeil-evaluation", &["naeil-domain"]),
    ("naeil-quality", &["naeil-domain"]),
    ("naeil-registry", &["naeil-domain"]),
    ("naeil-store", &["naeil-domain"]),
    ("naeil-cache", &["naeil-domain"]),
    ("naeil-simulator", &["naeil-domain"]),
    ("naeil-kernels", &[]),
    (
        "naeil-model",
        &[
            "naeil-domain",
            "naeil-evaluation",
            "naeil-features",
            "naeil-kernels",
        ],
    ),
    (
        "naeil-baselines",
        &["naeil-domain", "naeil-evaluation", "naeil-features"],
    ),
    (
        "naeil-backtest",
        &[
            "naeil-baselines",
            "naeil-domain",
            "naeil-evaluation",
            "naeil-features",
            "naeil-model",
        ],
    ),
    // Serving sees the model only through the ports `ForecasterLoader` and `Forecaster`.
    ("naeil-serving", &["naeil-domain", "naeil-features"]),
    // The pipeline sees registry and store only through ports; of the backtest it takes the leakage
    // checks, which every bundle's card has to show.
    (
        "naeil-pipeline",
        &[
            "naeil-backtest",
            "naeil-domain",
            "naeil-evaluation",
            "naeil-features",
            "naeil-model",
            "naeil-quality",
        ],
    ),
    ("naeil-api", &["naeil-domain", "naeil-serving"]),
    // The composition root.
    (
        "naeil-server",
        &[
            "naeil-api",
            "naeil-backtest",
            "naeil-cache",
            "naeil-domain",
            "naeil-evaluation",
            "naeil-features",
            "naeil-model",
            "naeil-pipeline",
            "naeil-quality",
            "naeil-registry",
            "naeil-serving",
            "naeil-simulator",
            "naeil-store",
        ],
    ),
    ("naeil-test-support", &["naeil-domain"]),
    // Real servers for tests, benchmarks and proofs; nothing of the product.
    ("naeil-services", &[]),
    ("xtask", &["naeil-services"]),
];

/// Packages that test the whole from outside and may use any of it.
pub(super) const EXEMPT: &[&str] = &["naeil-tests"];

/// Dependencies between our crates that no arrow allows, and crates that no row knows.
pub(super) fn violations(workspace: &Workspace) -> Vec<String> {
    let mut found = Vec::new();
    for package in &workspace.packages {
        let from = package.name.as_str();
        if EXEMPT.contains(&from) {
            continue;
        }
        let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| *name == from) else {
            found.push(format!(
                "{from} is not a crate the architecture knows: give it a row in \
                 xtask/src/layering/arrows.rs and docs/ARCHITECTURE.md"
            ));
            continue;
        };
        for needed in package.product_dependencies() {
            let to = needed.name.as_str();
            if !needed.third_party && !allowed.contains(&to) {
                found.push(format!(
                    "{from} -> {to} is not an arrow of the architecture; {}",
                    allowed_in_words(from, allowed)
                ));
            }
        }
    }
    found
}

/// Whether a way of arrows leads from `from` to `to`.
pub(super) fn may_reach(from: &str, to: &str) -> bool {
    let row = ARROWS.iter().find(|(name, _)| *name == from);
    row.is_some_and(|(_, allowed)| {
        allowed.contains(&to) || allowed.iter().any(|next| may_reach(next, to))
    })
}

fn allowed_in_words(from: &str, allowed: &[&str]) -> String {
    if allowed.is_empty() {
        format!("{from} depends on nothing of ours")
    } else {
        format!("{from} may depend on {}", allowed.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So there is no cycle, and [`may_reach`] comes to an end.
    #[test]
    fn arrows_point_downwards() {
        for (position, (from, allowed)) in ARROWS.iter().enumerate() {
            for to in *allowed {
                let mut below = ARROWS[..position].iter().map(|(name, _)| name);
                assert!(below.any(|name| name == to), "{from} -> {to}");
            }
        }
    }

    #[test]
    fn a_crate_reaches_what_its_neighbours_reach() {
        assert!(may_reach("naeil-api", "naeil-features"));
        assert!(!may_reach("naeil-api", "naeil-model"));
        assert!(!may_reach("naeil-domain", "naeil-features"));
    }
}
