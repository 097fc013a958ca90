//! Finding programs.

use std::fmt;
use std::path::{Path, PathBuf};

/// Folders that are searched for programs, in order.
#[derive(Debug, Clone)]
pub(crate) struct SearchPath(Vec<PathBuf>);

impl SearchPath {
    /// These folders and no other.
    #[cfg(test)]
    pub(crate) fn new(folders: Vec<PathBuf>) -> Self {
        Self(folders)
    }

    /// The folders of `PATH`, and those of system programs, which `PATH` may lack.
    pub(crate) fn system() -> Self {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
        folders.extend(["/usr/sbin", "/sbin"].map(PathBuf::from));
        Self(folders)
    }

    /// The same with other folders searched first.
    pub(crate) fn after(mut self, first: Vec<PathBuf>) -> Self {
        self.0.splice(0..0, first);
        self
    }

    /// The first file of this name.
    pub(crate) fn find(&self, name: &str) -> Option<PathBuf> {
        self.find_together(&[name]).map(|folder| folder.join(name))
    }

    /// The first folder that holds all of these programs.
    pub(crate) fn find_together(&self, names: &[&str]) -> Option<&Path> {
        self.0
            .iter()
            .find(|folder| names.iter().all(|name| folder.join(name).is_file()))
            .map(PathBuf::as_path)
    }
}

impl fmt::Display for SearchPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let folders: Vec<String> = self.0.iter().map(|f| f.display().to_string()).collect();
        f.write_str(&folders.join(":"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_that_belong_together_come_from_one_folder() {
        let folder = tempfile::tempdir().unwrap();
        let [first, second] = ["first", "second"].map(|name| folder.path().join(name));
        for (folder, programs) in [(&first, &["a"][..]), (&second, &["a", "b"])] {
            std::fs::create_dir(folder).unwrap();
            for program in programs {
                std::fs::write(folder.join(program), "").unwrap();
            }
        }
        let search = SearchPath::new(vec![second.clone()]).after(vec![first.clone()]);
        assert_eq!(search.find("a"), Some(first.join("a")));
        assert_eq!(search.find_together(&["a", "b"]), Some(second.as_path()));
        assert_eq!(search.find("c"), None);
        assert_eq!(
            search.to_string(),
            format!("{}:{}", first.display(), second.display())
        );
    }
}
