//! A deliberately wrong dependency must fail the check, and be named.

use std::fs;
use std::path::Path;

use serde_json::json;

use super::declared;
use crate::workspace::Workspace;

/// A workspace of one crate that needs another one.
fn one_arrow(from: &str, to: &str, third_party: bool, kind: Option<&str>) -> Workspace {
    let path = (!third_party).then(|| format!("/repository/crates/{to}"));
    let package = json!({
        "name": from,
        "manifest_path": format!("/repository/crates/{from}/Cargo.toml"),
        "targets": [{ "name": from, "kind": ["lib"] }],
        "dependencies": [{ "name": to, "kind": kind, "path": path }],
    });
    let metadata = json!({
        "workspace_root": "/repository",
        "target_directory": "/repository/target",
        "packages": [package],
    });
    Workspace::from_metadata(&metadata).unwrap()
}

fn check(from: &str, to: &str, third_party: bool, kind: Option<&str>, expected: &[&str]) {
    assert_eq!(declared(&one_arrow(from, to, third_party, kind)), expected);
}

#[test]
fn an_upward_arrow_is_named() {
    check(
        "naeil-domain",
        "naeil-store",
        false,
        None,
        &[
            "naeil-domain -> naeil-store is not an arrow of the architecture; \
           naeil-domain depends on nothing of ours",
        ],
    );
    check(
        "naeil-serving",
        "naeil-model",
        false,
        None,
        &[
            "naeil-serving -> naeil-model is not an arrow of the architecture; \
           naeil-serving may depend on naeil-domain, naeil-features",
        ],
    );
}

#[test]
fn an_arrow_of_a_build_script_counts() {
    check(
        "naeil-cache",
        "naeil-store",
        false,
        Some("build"),
        &[
            "naeil-cache -> naeil-store is not an arrow of the architecture; \
           naeil-cache may depend on naeil-domain",
        ],
    );
}

#[test]
fn an_engine_outside_its_crate_is_named() {
    check(
        "naeil-api",
        "burn",
        true,
        None,
        &["naeil-api -> burn breaks an invariant: burn is named only in naeil-model"],
    );
}

#[test]
fn test_support_in_the_product_is_named() {
    check(
        "naeil-api",
        "naeil-test-support",
        false,
        None,
        &[
            "naeil-api -> naeil-test-support is not an arrow of the architecture; \
           naeil-api may depend on naeil-domain, naeil-serving",
        ],
    );
}

#[test]
fn what_only_tests_need_is_free() {
    check("naeil-api", "naeil-test-support", false, Some("dev"), &[]);
    check("naeil-features", "tokio", true, Some("dev"), &[]);
    check("naeil-tests", "naeil-model", false, None, &[]);
}

#[test]
fn a_crate_without_a_row_is_refused() {
    check(
        "naeil-utils",
        "naeil-domain",
        false,
        None,
        &[
            "naeil-utils is not a crate the architecture knows: give it a row in \
           xtask/src/layering/arrows.rs and docs/ARCHITECTURE.md",
        ],
    );
}

/// Copies the manifests of this workspace, with every source file empty.
fn copy_of_this_workspace() -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    let this = Workspace::read(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    fs::copy(this.root.join("Cargo.toml"), copy.path().join("Cargo.toml")).unwrap();
    for package in this.packages {
        let ours = package.name.starts_with("naeil-") || package.name == "xtask";
        if ours {
            let folder = package.folder().strip_prefix(&this.root).unwrap();
            copy_manifest_and_empty_sources(package.folder(), &copy.path().join(folder));
        }
    }
    copy
}

fn copy_manifest_and_empty_sources(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let copied = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_manifest_and_empty_sources(&path, &copied);
        } else if path.file_name().unwrap() == "Cargo.toml" {
            fs::copy(&path, &copied).unwrap();
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            fs::write(&copied, "").unwrap();
        }
    }
}

#[test]
fn a_wrong_dependency_in_a_copy_of_this_workspace_fails() {
    let copy = copy_of_this_workspace();
    let sound = Workspace::read(copy.path()).unwrap();
    assert_eq!(declared(&sound), Vec::<String>::new());
    assert!(sound.packages.len() > 10, "the copy has too few crates");

    let manifest = copy.path().join("crates/naeil-domain/Cargo.toml");
    let text = fs::read_to_string(&manifest).unwrap();
    let wrong = text.replacen(
        "[dependencies]",
        "[dependencies]\nnaeil-cache.workspace = true\nburn.workspace = true",
        1,
    );
    assert_ne!(wrong, text);
    fs::write(&manifest, wrong).unwrap();

    let found = declared(&Workspace::read(copy.path()).unwrap());
    assert_eq!(
        found,
        [
            "naeil-domain -> naeil-cache is not an arrow of the architecture; \
             naeil-domain depends on nothing of ours",
            "naeil-domain -> burn breaks an invariant: burn is named only in naeil-model",
        ]
    );
}
