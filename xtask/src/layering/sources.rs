//! What no manifest shows: environment variables read outside the composition root, and lints
//! that a crate does not inherit.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::arrows::EXEMPT;
use crate::workspace::{Package, Workspace};

/// Crates that may read the environment.
const MAY_READ_ENVIRONMENT: &[&str] = &["naeil-server", "naeil-services", "xtask"];

/// Calls that read it. `env!` is not among them: that is the build's environment.
const READS: &[&str] = &["env::var(", "env::var_os(", "env::vars(", "env::vars_os("];

/// Crates that may hold unsafe code: the LSTM kernels alone. The workspace's lints forbid it to every crate
/// that inherits them, so inheriting is what has to be checked.
const MAY_BE_UNSAFE: &[&str] = &["naeil-kernels"];

/// Breaches found in the files of the workspace.
///
/// # Errors
/// If a file cannot be read.
pub(super) fn violations(workspace: &Workspace) -> anyhow::Result<Vec<String>> {
    let mut found = Vec::new();
    for package in &workspace.packages {
        let name = package.name.as_str();
        if !MAY_BE_UNSAFE.contains(&name) && !inherits_lints(package)? {
            found.push(format!(
                "{name} does not inherit the workspace's lints, which forbid unsafe code: \
                 add `[lints] workspace = true`"
            ));
        }
        if !EXEMPT.contains(&name) && !MAY_READ_ENVIRONMENT.contains(&name) {
            for (file, line) in environment_reads_of(package)? {
                found.push(format!(
                    "{}:{line} reads an environment variable; settings are read only in {}",
                    file.strip_prefix(&workspace.root)
                        .unwrap_or(&file)
                        .display(),
                    MAY_READ_ENVIRONMENT.join(" and ")
                ));
            }
        }
    }
    Ok(found)
}

fn inherits_lints(package: &Package) -> anyhow::Result<bool> {
    let manifest = read(&package.manifest)?;
    let mut section = manifest.lines().skip_while(|line| line.trim() != "[lints]");
    section.next();
    Ok(section
        .take_while(|line| !line.starts_with('['))
        .any(|line| line.replace(' ', "") == "workspace=true"))
}

/// Files and lines of reads that are compiled into the product.
fn environment_reads_of(package: &Package) -> anyhow::Result<Vec<(PathBuf, usize)>> {
    let sources = package.folder().join("src");
    let mut scanned = Vec::new();
    let mut test_modules = BTreeSet::new();
    for file in rust_files(&sources)? {
        let scan = Scan::of(&read(&file)?);
        test_modules.extend(scan.test_modules);
        scanned.push((file, scan.environment_reads));
    }
    Ok(scanned
        .into_iter()
        .filter(|(file, _)| !is_inside(file.strip_prefix(&sources).unwrap_or(file), &test_modules))
        .flat_map(|(file, lines)| lines.into_iter().map(move |line| (file.clone(), line)))
        .collect())
}

/// Whether a file, or a folder above it, is one of the modules.
fn is_inside(file: &Path, modules: &BTreeSet<String>) -> bool {
    file.with_extension("")
        .iter()
        .any(|part| modules.contains(&*part.to_string_lossy()))
}

/// What one file shows.
#[derive(Debug, Default, PartialEq, Eq)]
struct Scan {
    /// Lines that read the environment, outside items that are compiled only for tests.
    environment_reads: Vec<usize>,
    /// Modules in files of their own that are compiled only for tests.
    test_modules: BTreeSet<String>,
}

impl Scan {
    fn of(source: &str) -> Self {
        let mut scan = Self::default();
        let mut lines = source.lines().enumerate();
        while let Some((index, line)) = lines.next() {
            if let Some(indentation) = line.strip_suffix("#[cfg(test)]") {
                let item = lines.by_ref().map(|(_, line)| line);
                scan.test_modules.extend(skip_item(item, indentation));
            } else if READS.iter().any(|read| line.contains(read)) {
                scan.environment_reads.push(index + 1);
            }
        }
        scan
    }
}

/// Goes past an item whose attribute has this indentation; answers its name if it is a module in
/// another file. The item ends with its own line, or with the brace at its own indentation.
fn skip_item<'a>(lines: impl Iterator<Item = &'a str>, indentation: &str) -> Option<String> {
    let closing = format!("{indentation}}}");
    for line in lines {
        let own_line = line.strip_prefix(indentation).unwrap_or_default();
        if let Some(declaration) = own_line.strip_suffix(';')
            && !own_line.starts_with(' ')
        {
            let (_, module) = declaration.rsplit_once("mod ")?;
            return Some(module.to_owned());
        }
        if line == closing {
            return None;
        }
    }
    None
}

/// Every Rust file below a folder, in order.
fn rust_files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let context = || format!("cannot list {}", folder.display());
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(context)? {
        let path = entry.with_context(context)?.path();
        if path.is_dir() {
            files.extend(rust_files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn read(file: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_are_found_with_their_line_and_tests_are_passed_over() {
        let source = "\
use std::env;
fn home() -> Option<String> {
    env::var(\"HOME\").ok()
}
const DIR: &str = env!(\"CARGO_MANIFEST_DIR\");
#[cfg(test)]
mod tests {
    fn f() {
        std::env::var(\"X\");
    }
}
fn late() -> bool {
    std::env::var_os(\"LATE\").is_some()
}
";
        assert_eq!(Scan::of(source).environment_reads, [3, 13]);
    }

    #[test]
    fn modules_for_tests_in_other_files_are_known_and_what_follows_is_searched() {
        let source = "\
#[cfg(test)]
pub(crate) mod test_data;
#[cfg(test)]
use std::env;
fn f() {
    std::env::vars();
}
";
        let scan = Scan::of(source);
        assert_eq!(scan.test_modules, BTreeSet::from(["test_data".to_owned()]));
        assert_eq!(scan.environment_reads, [6]);
    }

    #[test]
    fn a_module_is_its_file_and_its_folder() {
        let modules = BTreeSet::from(["tests".to_owned()]);
        assert!(is_inside(Path::new("scaler/tests.rs"), &modules));
        assert!(is_inside(Path::new("tests/builders.rs"), &modules));
        assert!(!is_inside(Path::new("scaler.rs"), &modules));
    }
}
