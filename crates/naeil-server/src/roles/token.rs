//! `naeil token`: tokens for the HTTP API.

use std::time::Duration;

use naeil_api::TokenRequest;
use serde_json::json;

use crate::application::token_issuer;
use crate::cli::{Output, Report, TokenArgs, print_text};
use crate::context::Context;
use crate::exit::CommandResult;

pub(crate) fn run(context: &Context, args: &TokenArgs) -> CommandResult {
    let ttl = Duration::from_secs(u64::from(args.minutes) * 60);
    let token = token_issuer(context)?.issue(&TokenRequest {
        subject: args.subject.clone(),
        scopes: args.scope.split_whitespace().map(str::to_owned).collect(),
        ttl,
        tier: None,
    })?;
    match context.output {
        // The bare token, so that $(naeil token) works.
        Output::Table => print_text(&format!("{token}\n"))?,
        output => Report::facts(vec![
            ("token", json!(token)),
            ("subject", json!(args.subject)),
            ("scope", json!(args.scope)),
            (
                "expires_at",
                json!((context.clock.now() + ttl).to_rfc3339()),
            ),
        ])
        .print(output)?,
    }
    Ok(())
}
