//! Which third-party crates may be named where.

use super::arrows::EXEMPT;
use crate::workspace::Workspace;

/// Crates that only some of ours may depend on. A name stands for itself and for everything that
/// continues it with a dash: `burn` covers `burn-core`.
pub(super) struct Confined {
    /// The crates.
    pub(super) family: &'static [&'static str],
    /// Ours that may name them.
    pub(super) to: &'static [&'static str],
}

/// What is confined. The reason is one for all: an engine that one crate knows can be replaced
/// there.
pub(super) const CONFINED: &[Confined] = &[
    Confined {
        family: &["burn"],
        to: &["naeil-model"],
    },
    Confined {
        family: &["sea-orm", "sqlx"],
        to: &["naeil-store"],
    },
    Confined {
        family: &["actix-web", "actix", "apistos"],
        to: &["naeil-api", "naeil-server"],
    },
    Confined {
        family: &["redis", "deadpool-redis"],
        to: &["naeil-cache"],
    },
    // Settings are read in one place, errors without a type exist only where they are printed.
    Confined {
        family: &["config", "toml"],
        to: &["naeil-server"],
    },
    Confined {
        family: &["clap", "anyhow"],
        to: &["naeil-server", "naeil-services", "xtask"],
    },
];

/// A crate of ours and the third-party crates that it must not depend on, nor reach when it is
/// resolved alone.
pub(super) const FORBIDDEN: &[(&str, &[&str])] = &[
    // No I/O, no async runtime, no serialisation.
    (
        "naeil-domain",
        &[
            "tokio",
            "serde",
            "serde_json",
            "actix-web",
            "sqlx",
            "sea-orm",
        ],
    ),
    // Pure functions.
    ("naeil-features", &["tokio", "actix-web", "sqlx"]),
    ("naeil-evaluation", &["tokio", "actix-web", "sqlx"]),
    ("naeil-simulator", &["tokio", "actix-web", "sqlx"]),
];

/// Declared dependencies that break a row of the tables above.
pub(super) fn violations(workspace: &Workspace) -> Vec<String> {
    let mut found = Vec::new();
    for package in &workspace.packages {
        let from = package.name.as_str();
        if EXEMPT.contains(&from) {
            continue;
        }
        for needed in package
            .product_dependencies()
            .filter(|needed| needed.third_party)
        {
            found.extend(broken_by(from, &needed.name));
        }
    }
    found
}

/// The rule that `from` breaks by depending on `to`, in words.
pub(super) fn broken_by(from: &str, to: &str) -> Option<String> {
    for rule in CONFINED {
        if rule.family.iter().any(|family| belongs(to, family)) && !rule.to.contains(&from) {
            return Some(format!(
                "{from} -> {to} breaks an invariant: {to} is named only in {}",
                rule.to.join(" and ")
            ));
        }
    }
    let (_, forbidden) = FORBIDDEN.iter().find(|(name, _)| *name == from)?;
    forbidden
        .iter()
        .any(|name| belongs(to, name))
        .then(|| format!("{from} -> {to} breaks an invariant: {from} must not know {to}"))
}

fn belongs(name: &str, family: &str) -> bool {
    name.strip_prefix(family)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_is_the_name_and_its_dashed_continuations() {
        assert!(belongs("burn", "burn"));
        assert!(belongs("burn-core", "burn"));
        assert!(!belongs("burnish", "burn"));
        assert!(!belongs("serde_json", "serde"));
    }

    #[test]
    fn engines_are_refused_outside_their_crate() {
        for (from, to) in [
            ("naeil-api", "burn"),
            ("naeil-serving", "burn-tensor"),
            ("naeil-pipeline", "sea-orm-migration"),
            ("naeil-store", "actix-rt"),
            ("naeil-serving", "redis"),
            ("naeil-store", "config"),
            ("naeil-model", "anyhow"),
            ("naeil-domain", "serde"),
            ("naeil-features", "tokio"),
        ] {
            let broken = broken_by(from, to).unwrap_or_default();
            assert!(
                broken.starts_with(&format!("{from} -> {to} breaks")),
                "{from} -> {to}"
            );
        }
        for (from, to) in [
            ("naeil-model", "burn"),
            ("naeil-server", "actix-web"),
            ("naeil-features", "serde"),
            ("xtask", "clap"),
        ] {
            assert_eq!(broken_by(from, to), None);
        }
    }
}
