//! What every model registry promises.
#![expect(
    clippy::unwrap_used,
    reason = "an adapter that fails here has broken its promise"
)]

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use naeil_domain::ports::{ModelRegistry, RegistryError};
use naeil_domain::{Alias, Calibration, Digest, HorizonCalibration};

use crate::builders::session;
use crate::fakes::all_at_once;

/// Writes a bundle that is told apart from others by `text` and gives its directory under `dir`.
pub fn write_bundle(dir: &Path, text: &str) -> io::Result<PathBuf> {
    let bundle = dir.join(format!("bundle-{text}"));
    fs::create_dir_all(bundle.join("extra"))?;
    fs::write(bundle.join("manifest.json"), manifest(text))?;
    fs::write(bundle.join("extra/weights.bin"), text.repeat(100))?;
    Ok(bundle)
}

fn manifest(text: &str) -> String {
    format!("{{\"bundle\": \"{text}\"}}\n")
}

/// Checks a registry that starts empty.
///
/// `open` opens the same registry again each time it is called; `scratch` is an empty directory
/// for the bundles that are registered.
///
/// # Panics
/// If the registry breaks a promise.
pub async fn check_registry<R: ModelRegistry>(open: impl Fn() -> R, scratch: &Path) {
    let registry = open();
    an_empty_registry_answers(&registry).await;
    versions_count_up_and_keep_their_bundle(&registry, scratch).await;
    the_same_bundle_is_the_same_version(&registry, scratch).await;
    aliases_move(&registry).await;
    calibrations_are_replaced(&registry).await;
    unknown_versions_are_refused(&registry).await;
    what_is_no_bundle_is_refused(&registry, scratch).await;
    concurrent_registrations_get_distinct_numbers(&open, scratch).await;
    another_handle_sees_the_same(&registry, &open()).await;
}

async fn an_empty_registry_answers(registry: &impl ModelRegistry) {
    assert_eq!(registry.versions().await.unwrap(), []);
    for alias in Alias::ALL {
        assert_eq!(registry.by_alias(alias).await.unwrap(), None);
    }
}

async fn versions_count_up_and_keep_their_bundle(registry: &impl ModelRegistry, scratch: &Path) {
    let tags = BTreeMap::from([("stage".to_owned(), "Staging".to_owned())]);
    for (text, version) in [("one", "1"), ("two", "2"), ("three", "3")] {
        let bundle = write_bundle(scratch, text).unwrap();
        let registered = registry.register(&bundle, &tags).await.unwrap();
        assert_eq!(registered.version, version);
        assert_eq!(registered.digest, Digest::of(manifest(text).as_bytes()));
        assert_eq!(registered.tags, tags);

        // The registry has its own copy, whole.
        fs::remove_dir_all(&bundle).unwrap();
        let fetched = registry.fetch(version).await.unwrap();
        let weights = fs::read_to_string(fetched.join("extra/weights.bin")).unwrap();
        assert_eq!(weights, text.repeat(100));
    }
    let versions = registry.versions().await.unwrap();
    let numbers: Vec<&str> = versions.iter().map(|v| v.version.as_str()).collect();
    assert_eq!(numbers, ["1", "2", "3"]);
}

async fn the_same_bundle_is_the_same_version(registry: &impl ModelRegistry, scratch: &Path) {
    let bundle = write_bundle(scratch, "two").unwrap();
    let again = registry.register(&bundle, &BTreeMap::new()).await.unwrap();
    assert_eq!(again.version, "2");
    assert_eq!(again.tags.len(), 1, "tags are those of the first time");
    assert_eq!(registry.versions().await.unwrap().len(), 3);
}

async fn aliases_move(registry: &impl ModelRegistry) {
    for version in ["1", "3", "3"] {
        registry.set_alias(Alias::Champion, version).await.unwrap();
        let champion = registry.by_alias(Alias::Champion).await.unwrap().unwrap();
        assert_eq!(champion.version, version);
    }
    registry.set_alias(Alias::Previous, "1").await.unwrap();
    let champion = registry.by_alias(Alias::Champion).await.unwrap().unwrap();
    assert_eq!(champion.version, "3", "one alias does not move another");
    assert_eq!(registry.by_alias(Alias::Challenger).await.unwrap(), None);
}

async fn calibrations_are_replaced(registry: &impl ModelRegistry) {
    assert_eq!(registry.calibration("1").await.unwrap(), None);
    for slope in [0.5, 0.75] {
        let calibration = calibration(slope);
        registry
            .publish_calibration("1", &calibration)
            .await
            .unwrap();
        let found = registry.calibration("1").await.unwrap();
        assert_eq!(found, Some(calibration));
    }
    let other = registry.calibration("2").await.unwrap();
    assert_eq!(other, None, "one version's calibration is not another's");
}

fn calibration(slope: f64) -> Calibration {
    let part = HorizonCalibration {
        intercept: -0.1,
        slope,
        interval: None,
    };
    Calibration::new(session("2024-12-30"), 250, [part; 3]).unwrap()
}

async fn unknown_versions_are_refused(registry: &impl ModelRegistry) {
    for version in ["99", "0", "", "../1", "1/bundle", "latest"] {
        let set = registry.set_alias(Alias::Champion, version).await;
        let fetched = registry.fetch(version).await;
        let published = registry
            .publish_calibration(version, &calibration(0.5))
            .await;
        let read = registry.calibration(version).await.map(|_| ());
        let fetched = fetched.map(|_| ());
        for error in [set, fetched, published, read].map(Result::unwrap_err) {
            assert!(
                matches!(&error, RegistryError::UnknownVersion(said) if said == version),
                "{version:?}: {error:?}"
            );
        }
    }
    let champion = registry.by_alias(Alias::Champion).await.unwrap().unwrap();
    assert_eq!(champion.version, "3", "a refused alias stays where it was");
}

async fn what_is_no_bundle_is_refused(registry: &impl ModelRegistry, scratch: &Path) {
    let empty = scratch.join("empty");
    fs::create_dir(&empty).unwrap();
    for dir in [empty, scratch.join("nowhere")] {
        let error = registry.register(&dir, &BTreeMap::new()).await.unwrap_err();
        assert!(matches!(error, RegistryError::Refused(_)), "{error:?}");
        assert!(error.to_string().contains("manifest.json"), "{error}");
    }
    assert_eq!(registry.versions().await.unwrap().len(), 3);
}

async fn concurrent_registrations_get_distinct_numbers<R: ModelRegistry>(
    open: &impl Fn() -> R,
    scratch: &Path,
) {
    let bundles: Vec<PathBuf> = (0..8)
        .map(|i| write_bundle(scratch, &format!("concurrent-{i}")).unwrap())
        .collect();
    let tags = BTreeMap::new();
    let registrations = bundles.iter().map(|bundle| {
        let registry = open();
        let tags = &tags;
        async move { registry.register(bundle, tags).await.unwrap().version }
    });
    let mut numbers: Vec<u32> = all_at_once(registrations)
        .await
        .iter()
        .map(|version| version.parse().unwrap())
        .collect();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), 8, "{numbers:?}");
    assert!(numbers.iter().all(|&number| number > 3), "{numbers:?}");
}

async fn another_handle_sees_the_same(registry: &impl ModelRegistry, other: &impl ModelRegistry) {
    let versions = registry.versions().await.unwrap();
    assert_eq!(versions.len(), 11);
    assert_eq!(other.versions().await.unwrap(), versions);
    for alias in Alias::ALL {
        assert_eq!(
            other.by_alias(alias).await.unwrap(),
            registry.by_alias(alias).await.unwrap()
        );
    }
}
