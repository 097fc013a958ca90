//! `naeil doctor`: checks everything naeil depends on and says how to mend what is wrong.

use chrono::TimeDelta;
use naeil_domain::Alias;
use naeil_domain::ports::{BarSource as _, ForecasterLoader as _, ModelRegistry as _};
use serde_json::json;

use crate::application::jwt_secret;
use crate::cli::Report;
use crate::context::Context;
use crate::exit::{CommandError, CommandResult, Failure};

/// A calendar that ends sooner deserves a warning: the longest horizon reaches a month ahead, and
/// an update takes its time.
const CALENDAR_WARNING: TimeDelta = TimeDelta::days(90);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Health {
    Ok,
    Warning,
    Broken,
}

impl Health {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Broken => "broken",
        }
    }
}

/// One thing looked at: what was found, and what to do if it is not well.
struct Finding {
    what: &'static str,
    health: Health,
    found: String,
    fix: &'static str,
}

impl Finding {
    fn new(
        what: &'static str,
        health: Health,
        found: impl Into<String>,
        fix: &'static str,
    ) -> Self {
        Self {
            what,
            health,
            found: found.into(),
            fix,
        }
    }
}

pub(crate) async fn run(context: &Context) -> CommandResult {
    let mut findings = vec![calendar(context), secret(context), data_dir(context)];
    findings.extend(bars(context).await);
    findings.push(champion(context).await);

    let rows = findings
        .iter()
        .map(|f| {
            let fix = if f.health == Health::Ok { "-" } else { f.fix };
            vec![
                f.what.into(),
                f.health.as_str().into(),
                f.found.clone(),
                fix.into(),
            ]
        })
        .collect();
    let json = findings
        .iter()
        .map(|f| {
            let fix = (f.health != Health::Ok).then_some(f.fix);
            json!({"what": f.what, "health": f.health.as_str(), "found": f.found, "fix": fix})
        })
        .collect();
    Report::new(vec!["what", "health", "found", "fix"], rows, json).print(context.output)?;
    if findings.iter().any(|f| f.health == Health::Broken) {
        return Err(CommandError::new(
            Failure::Failed,
            anyhow::anyhow!("something is broken, see the column fix"),
        ));
    }
    Ok(())
}

fn calendar(context: &Context) -> Finding {
    let fix = "update naeil, or mend the file named by calendar.overrides";
    let now = context.clock.now();
    let calendar = match context.calendar() {
        Ok(calendar) => calendar,
        Err(e) => return Finding::new("calendar", Health::Broken, format!("{:#}", e.error), fix),
    };
    let until = calendar.covered_until();
    match calendar.next_open_after(now) {
        Err(e) => Finding::new("calendar", Health::Broken, e.to_string(), fix),
        Ok(open) => {
            let is_ending = until - now.date_naive() < CALENDAR_WARNING;
            let (health, ends) = if is_ending {
                (Health::Warning, ", and nothing is known of the days after")
            } else {
                (Health::Ok, "")
            };
            let found = format!("next open {open}, covered to {until}{ends}");
            Finding::new("calendar", health, found, fix)
        }
    }
}

fn secret(context: &Context) -> Finding {
    let fix =
        "set NAEIL_AUTH__JWT_SECRET_FILE to a file made by 'head -c 48 /dev/urandom | base64'";
    match jwt_secret(&context.config().auth) {
        Ok(_) => Finding::new("token secret", Health::Ok, "set", fix),
        Err(_) if context.config().auth.jwt_secret.is_none() => Finding::new(
            "token secret",
            Health::Warning,
            "not set, serve will refuse to start",
            fix,
        ),
        Err(e) => Finding::new(
            "token secret",
            Health::Broken,
            format!("{:#}", e.error),
            fix,
        ),
    }
}

fn data_dir(context: &Context) -> Finding {
    let what = "data directory";
    let fix = "choose a folder that this user may write, with --data-dir or NAEIL_DATA_DIR";
    let config = context.config();
    let shown = config.data_dir.display();
    if let Err(e) = config.create_data_dir() {
        let found = format!("{:#}", anyhow::Error::from(e));
        return Finding::new(what, Health::Broken, found, fix);
    }
    // Only writing shows whether writing works: modes say nothing of read-only file systems.
    let probe = config
        .data_dir
        .join(format!(".doctor-{}", std::process::id()));
    match std::fs::write(&probe, b"").and_then(|()| std::fs::remove_file(&probe)) {
        Ok(()) => Finding::new(what, Health::Ok, shown.to_string(), fix),
        Err(e) => Finding::new(
            what,
            Health::Broken,
            format!("{shown} cannot be written: {e}"),
            fix,
        ),
    }
}

async fn bars(context: &Context) -> Vec<Finding> {
    let store_fix = "check store.url, and that its folder can be written or its server reached";
    let store = match context.store().await {
        Ok(store) => store,
        Err(e) => {
            let found = format!("{:#}", e.error);
            return vec![Finding::new("store", Health::Broken, found, store_fix)];
        }
    };
    let mut findings = vec![Finding::new(
        "store",
        Health::Ok,
        context.config().store_url().to_string(),
        store_fix,
    )];
    let fix = "bring bars: naeil import FILE, naeil fetch krx --from DATE, or naeil simulate";
    findings.push(match store.data_state().await {
        Err(e) => Finding::new("bars", Health::Broken, e.to_string(), store_fix),
        Ok(None) => Finding::new("bars", Health::Warning, "none", fix),
        Ok(Some(state)) => {
            let last = context
                .calendar()
                .ok()
                .and_then(|c| c.last_completed_session(context.clock.now()).ok());
            let found = format!(
                "{} bars up to {}",
                state.origin.as_str(),
                state.last_session
            );
            match last {
                Some(last) if state.last_session < last => Finding::new(
                    "bars",
                    Health::Warning,
                    format!("{found}, but {last} has closed since"),
                    fix,
                ),
                _ => Finding::new("bars", Health::Ok, found, fix),
            }
        }
    });
    findings
}

async fn champion(context: &Context) -> Finding {
    let broken = |found: String| {
        Finding::new(
            "champion",
            Health::Broken,
            found,
            "train another one: naeil retrain",
        )
    };
    let loader = match context.config().bundle.loader() {
        Ok(loader) => loader,
        Err(e) => return broken(e.to_string()),
    };
    let registry = match context.registry() {
        Ok(registry) => registry,
        Err(e) => {
            return Finding::new(
                "champion",
                Health::Broken,
                format!("{:#}", e.error),
                "check registry.dir and that the data directory can be written",
            );
        }
    };
    let version = match registry.by_alias(Alias::Champion).await {
        Ok(Some(version)) => version,
        Ok(None) => {
            return Finding::new(
                "champion",
                Health::Warning,
                "none",
                "train one: naeil retrain",
            );
        }
        Err(e) => return broken(e.to_string()),
    };
    let loaded = match registry.fetch(&version.version).await {
        Ok(bundle) => loader.load(&bundle).map_err(|e| e.to_string()),
        Err(e) => Err(e.to_string()),
    };
    match loaded {
        Err(problem) => broken(problem),
        Ok(loaded) if loaded.description.digest != version.digest => {
            broken("its bundle is not the one that was registered".to_owned())
        }
        Ok(loaded) => Finding::new(
            "champion",
            Health::Ok,
            format!(
                "version {}, {}, trained {}",
                version.version,
                loaded.description.network,
                loaded.description.trained_at.format("%Y-%m-%d %H:%MZ")
            ),
            "-",
        ),
    }
}
