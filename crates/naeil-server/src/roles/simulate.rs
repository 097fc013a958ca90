//! `naeil simulate`: the bars of a simulated market.

use chrono::{Days, NaiveDate};
use naeil_domain::calendar::kst;
use naeil_domain::ports::BarSource as _;
use naeil_domain::{DataOrigin, Horizon, PriceBasis, Session};
use naeil_simulator::{MarketConfig, SimulatedMarket};
use naeil_store::ImportOptions;
use naeil_store::import::IterSource;
use serde_json::json;

use crate::cli::{Report, SimulateArgs, spinner};
use crate::context::Context;
use crate::exit::{CommandError, CommandResult, Failure, OrFailure as _};

pub(crate) async fn run(context: &Context, args: &SimulateArgs) -> CommandResult {
    store_market(context, args).await?.print(context.output)?;
    Ok(())
}

/// Simulates a market and stores its bars.
pub(crate) async fn store_market(
    context: &Context,
    args: &SimulateArgs,
) -> Result<Report, CommandError> {
    let store = context.store().await?;
    if store.data_state().await?.is_some() {
        return Err(CommandError::new(
            Failure::Input,
            anyhow::anyhow!(
                "{} already holds bars, and a simulated market wants a store of its own; choose \
                 another folder with --data-dir, or another database with store.url",
                context.config().store_url()
            ),
        ));
    }
    let calendar = context.calendar()?;
    let today = context.clock.now().with_timezone(&kst()).date_naive();
    let until = args
        .until
        .unwrap_or_else(|| context.last_final_date(&calendar));
    let config = MarketConfig {
        seed: args.seed,
        n_stocks: args.stocks,
        n_sessions: args.sessions,
        until: Session::new(until),
        signal_strength: args.signal,
    };
    let bar = spinner("simulating a market");
    let market = {
        let calendar = calendar.clone();
        tokio::task::spawn_blocking(move || SimulatedMarket::generate(&config, &calendar))
            .await?
            .or_failure(Failure::Input)?
    };
    let options = ImportOptions {
        basis: PriceBasis::AsTraded,
        origin: DataOrigin::Simulated,
        today: today.max(until + Days::new(1)),
        calendar,
        rejects_file: None,
        source_name: format!("simulator seed {}", args.seed),
        dry_run: false,
    };
    let report = store
        .import(&mut IterSource::new(market.bars()), &options, &mut |_| ())
        .await?;
    bar.finish_and_clear();

    let sessions = market.sessions();
    let last: Option<NaiveDate> = sessions.last().map(|s| s.date());
    let oracle = market.oracle_rank_ic(0..sessions.len(), Horizon::OneDay);
    Ok(Report::facts(vec![
        ("data", json!("simulated")),
        ("seed", json!(args.seed)),
        ("stocks", json!(market.stocks().len())),
        ("sessions", json!(sessions.len())),
        ("last_session", json!(last)),
        ("bars_stored", json!(report.stored)),
        ("signal_planted", json!(args.signal)),
        ("oracle_rank_ic_1d", json!(oracle.map(rounded))),
    ]))
}

fn rounded(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}
