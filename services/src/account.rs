//! The account that a server runs as: our own, or an unprivileged one if we are root.

use std::ffi::OsString;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use crate::programs::SearchPath;

/// Accounts that may run a server for root, the best one first.
const UNPRIVILEGED: [&str; 2] = ["postgres", "nobody"];

/// Whether this process is root.
pub(crate) fn is_root() -> bool {
    // Linux gives the folder of a process the process's effective user.
    std::fs::metadata("/proc/self").is_ok_and(|metadata| metadata.uid() == 0)
}

/// An account other than our own, and how to become it.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    name: String,
    uid: u32,
    gid: u32,
    /// Path of `setpriv` or `runuser`.
    become_program: PathBuf,
}

impl Account {
    /// The account for a server that refuses root: none if we are not root.
    ///
    /// # Errors
    /// If we are root and there is no other account, or no program to become it.
    pub(crate) fn for_server(search: &SearchPath) -> anyhow::Result<Option<Self>> {
        if !is_root() {
            return Ok(None);
        }
        let passwd = std::fs::read_to_string("/etc/passwd").context("cannot read /etc/passwd")?;
        let Some((name, uid, gid)) = choose(&passwd) else {
            bail!(
                "the server refuses to run as root, and /etc/passwd has none of: {}",
                UNPRIVILEGED.join(", ")
            );
        };
        let Some(become_program) = search.find("setpriv").or_else(|| search.find("runuser")) else {
            bail!(
                "the server refuses to run as root, and neither setpriv nor runuser is in {search}; \
                 install the Debian package util-linux"
            );
        };
        Ok(Some(Self {
            name,
            uid,
            gid,
            become_program,
        }))
    }

    /// The words to put before a command.
    pub(crate) fn prefix(&self) -> Vec<OsString> {
        let mut words: Vec<OsString> = vec![self.become_program.clone().into()];
        if self.become_program.ends_with("setpriv") {
            words.extend([
                format!("--reuid={}", self.uid).into(),
                format!("--regid={}", self.gid).into(),
                "--clear-groups".into(),
            ]);
        } else {
            words.extend(["-u".into(), OsString::from(&self.name)]);
        }
        words.push("--".into());
        words
    }

    /// Makes a folder this account's own.
    ///
    /// # Errors
    /// If the system refuses.
    pub(crate) fn own(&self, folder: &Path) -> anyhow::Result<()> {
        chown(folder, Some(self.uid), Some(self.gid))
            .with_context(|| format!("cannot give {} to {}", folder.display(), self.name))
    }
}

/// The first of [`UNPRIVILEGED`] in a password file, as name, user and group.
fn choose(passwd: &str) -> Option<(String, u32, u32)> {
    UNPRIVILEGED.iter().find_map(|&wanted| {
        passwd.lines().find_map(|line| {
            let mut fields = line.split(':');
            let name = fields.next().filter(|name| *name == wanted)?;
            let uid = fields.nth(1)?.parse().ok()?;
            let gid = fields.next()?.parse().ok()?;
            Some((name.to_owned(), uid, gid))
        })
    })
}

/// Where temporary folders can be made that another account can reach: the first of `candidates`
/// that everybody may walk through.
pub(crate) fn reachable<'a>(
    candidates: impl IntoIterator<Item = &'a Path>,
) -> anyhow::Result<&'a Path> {
    let mut looked_at = Vec::new();
    for folder in candidates {
        if folder.ancestors().all(everybody_may_enter) {
            return Ok(folder);
        }
        looked_at.push(folder.display().to_string());
    }
    bail!(
        "another account cannot reach any of {}; set TMPDIR to a folder that everybody may enter",
        looked_at.join(", ")
    )
}

fn everybody_may_enter(folder: &Path) -> bool {
    std::fs::metadata(folder).is_ok_and(|m| m.is_dir() && m.permissions().mode() & 0o001 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn postgres_is_preferred_to_nobody() {
        let nobody = "root:x:0:0::/root:/bin/sh\nnobody:x:65534:65533:n:/:/bin/false\n";
        assert_eq!(choose(nobody), Some(("nobody".to_owned(), 65_534, 65_533)));
        let both = format!("{nobody}postgres:x:101:104:,,,:/var/lib/postgresql:/bin/bash\n");
        assert_eq!(choose(&both), Some(("postgres".to_owned(), 101, 104)));
        assert_eq!(choose("postgres-exporter:x:1:1::/:/bin/sh\n"), None);
    }

    #[test]
    fn a_private_folder_is_passed_over() {
        let outer = tempfile::tempdir().unwrap();
        let inner = outer.path().join("inner");
        std::fs::create_dir(&inner).unwrap();
        let private = std::fs::Permissions::from_mode(0o700);
        std::fs::set_permissions(outer.path(), private).unwrap();
        assert_eq!(
            reachable([&*inner, Path::new("/")]).unwrap(),
            Path::new("/")
        );
        let error = reachable([&*inner]).unwrap_err().to_string();
        assert!(error.contains("set TMPDIR"), "{error}");
    }
}
