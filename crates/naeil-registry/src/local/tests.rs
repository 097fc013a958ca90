use std::fs;

use naeil_domain::Alias;
use naeil_test_support::suites::registry as suite;

use super::*;

fn registry() -> (tempfile::TempDir, LocalRegistry) {
    let dir = tempfile::tempdir().unwrap();
    let registry = LocalRegistry::open(dir.path()).unwrap();
    (dir, registry)
}

fn bundle(dir: &Path, text: &str) -> PathBuf {
    suite::write_bundle(dir, text).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn behaves_as_a_registry() {
    let registry_dir = tempfile::tempdir().unwrap();
    let scratch = tempfile::tempdir().unwrap();
    suite::check_registry(
        || LocalRegistry::open(registry_dir.path()).unwrap(),
        scratch.path(),
    )
    .await;
}

#[tokio::test]
async fn what_a_crash_left_in_staging_is_ignored() {
    let (dir, registry) = registry();
    let leftover = registry
        .layout
        .staging_dir()
        .join(".tmpDead/version/bundle");
    fs::create_dir_all(&leftover).unwrap();
    fs::write(leftover.join("manifest.json"), "{").unwrap();

    assert_eq!(registry.versions().await.unwrap(), []);
    let source = bundle(dir.path(), "a");
    let version = registry.register(&source, &BTreeMap::new()).await.unwrap();
    assert_eq!(version.version, "1");
    assert_eq!(registry.versions().await.unwrap(), [version]);
}

#[tokio::test]
async fn staging_is_empty_after_success_and_after_failure() {
    let (dir, registry) = registry();
    let source = bundle(dir.path(), "a");
    registry.register(&source, &BTreeMap::new()).await.unwrap();
    registry.set_alias(Alias::Champion, "1").await.unwrap();
    let broken = dir.path().join("broken");
    fs::create_dir(&broken).unwrap();
    registry
        .register(&broken, &BTreeMap::new())
        .await
        .unwrap_err();
    let left = fs::read_dir(registry.layout.staging_dir()).unwrap().count();
    assert_eq!(left, 0);
}

#[tokio::test]
async fn a_corrupt_version_file_is_named_and_hurts_no_other_version() {
    let (dir, registry) = registry();
    for text in ["a", "b"] {
        let source = bundle(dir.path(), text);
        registry.register(&source, &BTreeMap::new()).await.unwrap();
    }
    registry.set_alias(Alias::Champion, "1").await.unwrap();
    registry.set_alias(Alias::Challenger, "2").await.unwrap();
    let number = VersionNumber::parse("2").unwrap();
    for damage in [
        "{\"schema_version\": 1",
        "",
        "{\"schema_version\": 9, \"digest\": \"\", \"registered_at\": \"\", \"tags\": {}}",
    ] {
        fs::write(registry.layout.version_file(number), damage).unwrap();
        for error in [
            registry.versions().await.unwrap_err(),
            registry.by_alias(Alias::Challenger).await.unwrap_err(),
            registry.fetch("2").await.unwrap_err(),
        ] {
            assert!(matches!(error, RegistryError::Refused(_)), "{error:?}");
            assert!(
                error.to_string().contains("versions/2/version.json"),
                "{error}"
            );
        }
    }
    let champion = registry.by_alias(Alias::Champion).await.unwrap().unwrap();
    assert_eq!(champion.version, "1");
}

#[tokio::test]
async fn a_corrupt_or_dangling_alias_is_named() {
    let (dir, registry) = registry();
    let source = bundle(dir.path(), "a");
    registry.register(&source, &BTreeMap::new()).await.unwrap();
    let path = registry.layout.alias_file(Alias::Champion);
    for damage in ["", "../1\n", "7\n"] {
        fs::write(&path, damage).unwrap();
        let error = registry.by_alias(Alias::Champion).await.unwrap_err();
        assert!(matches!(error, RegistryError::Refused(_)), "{error:?}");
        assert!(error.to_string().contains("aliases/champion"), "{error}");
    }
}

#[test]
fn two_writers_without_a_lock_never_share_a_number() {
    let dir = tempfile::tempdir().unwrap();
    let layout = Layout::new(dir.path());
    layout.create().unwrap();
    let numbers: std::collections::BTreeSet<String> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|writer| {
                let layout = &layout;
                scope.spawn(move || {
                    let staged = layout.staging_dir().join(format!("staged-{writer}"));
                    fs::create_dir(&staged).unwrap();
                    fs::write(staged.join("something"), "in it").unwrap();
                    register::move_into_place(layout, &staged)
                        .unwrap()
                        .to_string()
                })
            })
            .collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });
    assert_eq!(numbers.len(), 8, "{numbers:?}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_link_in_a_bundle_is_refused() {
    let (dir, registry) = registry();
    let source = bundle(dir.path(), "a");
    std::os::unix::fs::symlink("/etc/hostname", source.join("weights.safetensors")).unwrap();
    let error = registry
        .register(&source, &BTreeMap::new())
        .await
        .unwrap_err();
    assert!(error.to_string().contains("weights.safetensors"), "{error}");
    assert_eq!(registry.versions().await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_never_miss_an_alias_that_moves() {
    let (dir, registry) = registry();
    for text in ["a", "b"] {
        let source = bundle(dir.path(), text);
        registry.register(&source, &BTreeMap::new()).await.unwrap();
    }
    registry.set_alias(Alias::Champion, "1").await.unwrap();
    let writer = {
        let registry = registry.clone();
        tokio::spawn(async move {
            for turn in 0..50 {
                let version = if turn % 2 == 0 { "2" } else { "1" };
                registry.set_alias(Alias::Champion, version).await.unwrap();
            }
        })
    };
    let mut reads = 0;
    while !writer.is_finished() || reads == 0 {
        let champion = registry.by_alias(Alias::Champion).await.unwrap();
        assert!(champion.is_some(), "the alias was missing in read {reads}");
        reads += 1;
    }
    writer.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn one_bundle_registered_from_many_handles_is_one_version() {
    let (dir, _registry) = registry();
    let source = bundle(dir.path(), "same");
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let registry = LocalRegistry::open(dir.path()).unwrap();
            let source = source.clone();
            tokio::spawn(async move { registry.register(&source, &BTreeMap::new()).await })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap().unwrap().version, "1");
    }
}

/// A pipe would be waited for, `/dev/zero` read for ever.
#[cfg(unix)]
#[tokio::test]
async fn what_is_no_small_plain_file_is_refused_and_not_read() {
    let (dir, registry) = registry();
    let source = bundle(dir.path(), "a");
    registry.register(&source, &BTreeMap::new()).await.unwrap();
    let alias = registry.layout.alias_file(Alias::Champion);
    let refused = async |expected: &str| {
        let error = registry.by_alias(Alias::Champion).await.unwrap_err();
        assert!(matches!(error, RegistryError::Refused(_)), "{error:?}");
        assert!(error.to_string().ends_with(expected), "{error}");
    };
    std::os::unix::fs::symlink("/dev/zero", &alias).unwrap();
    refused("it is not a plain file").await;

    fs::remove_file(&alias).unwrap();
    fs::File::create(&alias).unwrap().set_len(1 << 40).unwrap();
    refused("it is larger than 4194304 bytes").await;

    let huge = dir.path().join("huge");
    fs::create_dir(&huge).unwrap();
    let manifest = fs::File::create(huge.join("manifest.json")).unwrap();
    manifest.set_len(1 << 40).unwrap();
    let error = registry
        .register(&huge, &BTreeMap::new())
        .await
        .unwrap_err();
    assert!(matches!(error, RegistryError::Refused(_)), "{error:?}");
}
