//! What the program can print about itself: shell completions and manual pages.

use std::path::Path;

use anyhow::Context as _;
use clap::CommandFactory as _;

use crate::cli::{Cli, print_text};
use crate::exit::CommandResult;

pub(crate) fn completions(shell: clap_complete::Shell) -> CommandResult {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "naeil", &mut script);
    print_text(&String::from_utf8_lossy(&script))?;
    Ok(())
}

pub(crate) fn manual(dir: &Path) -> CommandResult {
    std::fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))?;
    clap_mangen::generate_to(Cli::command(), dir)
        .with_context(|| format!("cannot write manual pages to {}", dir.display()))?;
    eprintln!("manual pages written to {}", dir.display());
    Ok(())
}
