//! `cargo xtask check`: whether the repository is in order, cheapest first.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::ValueEnum;

use crate::outcome::{Outcome, run_tool};
use crate::workspace::Workspace;
use crate::{documented, layering, licences, process, units};

/// One check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Step {
    /// Who depends on whom
    Layering,
    /// Every direct dependency stands in docs/dependencies.md
    Documented,
    /// The systemd units
    Units,
    /// rustfmt
    Fmt,
    /// Licences, sources and bans of all dependencies (cargo-deny)
    Licences,
    /// Lints of every target, warnings denied
    Clippy,
    /// rustdoc, warnings denied
    Doc,
}

/// Runs the given steps, or all of them; a failed one does not keep the others from running.
///
/// # Errors
/// Never; what fails is told in the summary and is exit code 1.
pub(crate) fn run(workspace: &Workspace, steps: &[Step]) -> anyhow::Result<ExitCode> {
    let steps = if steps.is_empty() {
        Step::value_variants()
    } else {
        steps
    };
    let mut results = Vec::new();
    for step in steps {
        eprintln!("\n== {}", name(*step));
        let started = Instant::now();
        let outcome = perform(workspace, *step)
            .unwrap_or_else(|error| Outcome::Failed(vec![format!("{error:#}")]));
        if let Outcome::Failed(found) = &outcome {
            for line in found {
                eprintln!("{line}");
            }
        }
        results.push((*step, outcome, started.elapsed()));
    }
    eprintln!("\n{}", summary(&results));
    let failed = results
        .iter()
        .any(|(_, outcome, _)| matches!(outcome, Outcome::Failed(_)));
    Ok(if failed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

fn perform(workspace: &Workspace, step: Step) -> anyhow::Result<Outcome> {
    let cargo = || process::cargo(&workspace.root);
    match step {
        Step::Layering => layering::violations(workspace).map(Outcome::from_findings),
        Step::Documented => documented::violations(workspace).map(Outcome::from_findings),
        Step::Units => units::check(workspace),
        Step::Fmt => run_tool(cargo().args(["fmt", "--all", "--check"])),
        Step::Licences => licences::check(workspace),
        Step::Clippy => run_tool(
            cargo()
                .args(["clippy", "--workspace", "--all-targets", "--locked"])
                .args(["--", "--deny", "warnings"]),
        ),
        Step::Doc => run_tool(
            cargo()
                .args(["doc", "--workspace", "--no-deps", "--locked"])
                .env("RUSTDOCFLAGS", "-D warnings"),
        ),
    }
}

fn summary(results: &[(Step, Outcome, Duration)]) -> String {
    let lines = results.iter().map(|(step, outcome, took)| {
        let (word, why) = match outcome {
            Outcome::Passed => ("ok", String::new()),
            Outcome::Skipped(why) => ("skipped", format!("  {why}")),
            Outcome::Failed(found) => ("FAILED", format!("  {}", first_of(found))),
        };
        format!(
            "{:<12}{word:<8}{:>7.1} s{why}",
            name(*step),
            took.as_secs_f64()
        )
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn first_of(found: &[String]) -> String {
    match found {
        [] => String::new(),
        [only] => only.lines().next().unwrap_or_default().to_owned(),
        [first, others @ ..] => format!("{first} (and {} more)", others.len()),
    }
}

fn name(step: Step) -> String {
    step.to_possible_value()
        .map_or_else(String::new, |value| value.get_name().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_has_a_line_a_step() {
        let second = Duration::from_secs(1);
        let failed = Outcome::Failed(vec!["a -> b".into(), "c -> d".into()]);
        let results = [
            (Step::Layering, failed, second),
            (Step::Units, Outcome::Skipped("no systemd".into()), second),
            (Step::Fmt, Outcome::Passed, second),
        ];
        assert_eq!(
            summary(&results),
            "layering    FAILED      1.0 s  a -> b (and 1 more)\n\
             units       skipped     1.0 s  no systemd\n\
             fmt         ok          1.0 s"
        );
    }
}
