//! What proofs share: results that outlive an interruption, and docs/PROOFS.md.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Context as _;
use serde_json::Value;

/// The results of a proof so far, one a line of a file, so that an interrupted proof goes on where
/// it stopped.
pub(crate) struct Results {
    path: PathBuf,
    lines: Vec<Value>,
}

impl Results {
    /// Those of an earlier run of the proof `name`; `fresh` forgets them.
    ///
    /// # Errors
    /// If their file cannot be read or removed.
    pub(crate) fn open(name: &str, fresh: bool) -> anyhow::Result<Self> {
        let path = repository()
            .join("target/prove")
            .join(format!("{name}.jsonl"));
        if fresh && path.exists() {
            std::fs::remove_file(&path)
                .with_context(|| format!("cannot remove {}", path.display()))?;
        }
        let lines = read(&path)?;
        Ok(Self { path, lines })
    }

    /// All of them, in the order in which they came.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Value> {
        self.lines.iter()
    }

    /// Keeps one more.
    ///
    /// # Errors
    /// If it cannot be written.
    pub(crate) fn push(&mut self, result: Value) -> anyhow::Result<()> {
        let context = || format!("cannot write {}", self.path.display());
        if let Some(folder) = self.path.parent() {
            std::fs::create_dir_all(folder).with_context(context)?;
        }
        let mut file = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(&self.path)
            .with_context(context)?;
        writeln!(file, "{result}").with_context(context)?;
        self.lines.push(result);
        Ok(())
    }
}

fn read(path: &Path) -> anyhow::Result<Vec<Value>> {
    if !path.exists() {
        return Ok(Vec::new());
    }
    let text =
        std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    // A line cut off by a kill is run again.
    Ok(text
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect())
}

fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Replaces the proof's section of docs/PROOFS.md.
pub(crate) fn record(
    name: &str,
    command: &str,
    text: &str,
    started: Instant,
) -> anyhow::Result<()> {
    let path = repository().join("docs/PROOFS.md");
    let old = std::fs::read_to_string(&path).unwrap_or_else(|_| {
        "# Proofs\n\nWhat the tests check at reduced counts, at full counts. Each section is \
         written by the command it names.\n"
            .to_owned()
    });
    let (begin, end) = (
        format!("<!-- begin {name} -->"),
        format!("<!-- end {name} -->"),
    );
    let section = format!(
        "{begin}\n## {name}\n\n`{command}`, {}, {}, this run {:.0} s.\n\n{text}\n{end}",
        chrono::Utc::now().format("%Y-%m-%d"),
        naeil_tests::machine::describe(),
        started.elapsed().as_secs_f64()
    );
    let new = match (old.find(&begin), old.find(&end)) {
        (Some(from), Some(to)) => format!("{}{section}{}", &old[..from], &old[to + end.len()..]),
        _ => format!(
            "{}\n{section}\n",
            old.trim_end_matches('\n').to_owned() + "\n"
        ),
    };
    std::fs::write(&path, new).with_context(|| format!("cannot write {}", path.display()))?;
    eprintln!("{text}\nwritten to docs/PROOFS.md");
    Ok(())
}
