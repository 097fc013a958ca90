//! `cargo xtask services [NAME]`: a real server to work against, gone when the command ends.

use std::io::Write as _;
use std::process::ExitCode;

use anyhow::bail;
use naeil_services::{Postgres, Redis, test_database};

/// A service: its name, what it is for, and how it runs.
struct Service {
    name: &'static str,
    is_for: &'static str,
    run: fn() -> anyhow::Result<()>,
}

const SERVICES: &[Service] = &[
    Service {
        name: "postgres",
        is_for: "the store: bars, predictions and the ledger",
        run: postgres,
    },
    Service {
        name: "redis",
        is_for: "answers that several servers share",
        run: redis,
    },
];

/// Starts a service in a temporary folder and prints its address as a variable's assignment; runs
/// until it is interrupted. Without a name, lists the services.
///
/// # Errors
/// If there is no such service, it does not start, or it ends of itself.
pub(crate) fn run(name: Option<&str>) -> anyhow::Result<ExitCode> {
    let Some(name) = name else {
        eprintln!("services, each started with `cargo xtask services NAME`:");
        for service in SERVICES {
            eprintln!("  {}  {}", service.name, service.is_for);
        }
        return Ok(ExitCode::SUCCESS);
    };
    let service = find(name)?;
    (service.run)()?;
    Ok(ExitCode::SUCCESS)
}

fn find(name: &str) -> anyhow::Result<&'static Service> {
    if let Some(service) = SERVICES.iter().find(|service| service.name == name) {
        return Ok(service);
    }
    let names: Vec<&str> = SERVICES.iter().map(|service| service.name).collect();
    bail!(
        "there is no service `{name}`; there are: {}",
        names.join(", ")
    )
}

fn postgres() -> anyhow::Result<()> {
    let mut server = Postgres::start()?;
    say(
        &["NAEIL_STORE__URL", test_database::SERVER_VARIABLE],
        server.url(),
    )?;
    server.wait()
}

fn redis() -> anyhow::Result<()> {
    let mut server = Redis::start()?;
    say(&["REDIS_URL"], server.url())?;
    server.wait()
}

/// Prints assignments for a shell to stdout, and how it ends to stderr.
fn say(variables: &[&str], url: &str) -> anyhow::Result<()> {
    let mut stdout = std::io::stdout().lock();
    for variable in variables {
        writeln!(stdout, "{variable}={url}")?;
    }
    stdout.flush()?;
    eprintln!("running until Ctrl-C; what is in it is lost then");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_service_is_refused_with_those_there_are() {
        let error = find("postgresql").map(|service| service.name).unwrap_err();
        assert_eq!(
            error.to_string(),
            "there is no service `postgresql`; there are: postgres, redis"
        );
    }
}
