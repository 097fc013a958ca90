//! A whole market: stocks, sessions, bars, and the answer.

use std::ops::Range;

use naeil_domain::{
    Bar, BarPanel, BarPanelBuilder, CalendarError, Horizon, Session, Stock, TradingCalendar,
};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::actions::LifePlan;
use crate::config::MarketConfig;
use crate::error::SimulatorError;
use crate::listing::{Listing, draw_listings};
use crate::rank_correlation::rank_correlation;
use crate::returns::Factors;
use crate::signal;
use crate::stock_path::StockPath;

/// First guess of the edge (in units of a stock's own volatility) per unit of rank IC: shared
/// returns drown part of it.
const FIRST_EDGE: f64 = 1.3;
/// How far the calibration may leave the first guess; a short market's rank IC is mostly noise.
const EDGE_CORRECTION: (f64, f64) = (0.5, 2.0);

/// Streams of random numbers, one a subject, so that a change in one leaves the others alone.
const LISTING_STREAM: u64 = 0;
const FACTOR_STREAM: u64 = 1;
const FIRST_PLAN_STREAM: u64 = 1 << 32;
const FIRST_PATH_STREAM: u64 = 2 << 32;

/// A market that never was.
#[derive(Debug, Clone)]
pub struct SimulatedMarket {
    stocks: Vec<Stock>,
    panel: BarPanel,
    paths: Vec<StockPath>,
    /// `[session][stock]`.
    oracle: Vec<Vec<Option<f64>>>,
}

impl SimulatedMarket {
    /// Makes the market that `config` describes, on the sessions of `calendar`.
    ///
    /// With a signal the market is made twice from the same random numbers: once to measure what
    /// rank IC a first guess of its size gives, and once with the size corrected.
    ///
    /// # Errors
    /// [`SimulatorError`] for a setting out of range, or sessions before the calendar's first year.
    pub fn generate(
        config: &MarketConfig,
        calendar: &TradingCalendar,
    ) -> Result<Self, SimulatorError> {
        config.validate()?;
        let sessions = sessions_until(config.until, config.n_sessions, calendar)?;
        let listings = draw_listings(config.n_stocks, &mut stream(config.seed, LISTING_STREAM));
        let make = |edge: f64| Self::simulate(config.seed, &sessions, &listings, edge);
        if config.signal_strength == 0.0 {
            return Ok(make(0.0));
        }
        let guess = FIRST_EDGE * config.signal_strength;
        let (least, most) = EDGE_CORRECTION;
        let correction = make(guess)
            .oracle_rank_ic(0..sessions.len(), Horizon::OneDay)
            .map_or(1.0, |rank_ic| {
                // Without a positive rank IC the division means nothing, and the most is right.
                if rank_ic > 0.0 {
                    (config.signal_strength / rank_ic).clamp(least, most)
                } else {
                    most
                }
            });
        Ok(make(guess * correction))
    }

    /// Every stock that was listed at some time, ascending by code.
    pub fn stocks(&self) -> &[Stock] {
        &self.stocks
    }

    /// The sessions, ascending.
    pub fn sessions(&self) -> &[Session] {
        self.panel.sessions()
    }

    /// Every bar as traded, by code and then by session.
    pub fn bars(&self) -> impl Iterator<Item = (&Stock, Session, Bar)> {
        self.stocks
            .iter()
            .zip(&self.paths)
            .flat_map(|(stock, path)| {
                let sessions = &self.sessions()[path.plan().listed.clone()];
                let dated = sessions.iter().zip(path.bars());
                dated.map(move |(&session, &bar)| (stock, session, bar))
            })
    }

    /// The bars, adjusted, as the feature pipeline reads them.
    pub fn panel(&self) -> BarPanel {
        self.panel.clone()
    }

    /// The planted signal's score ([`signal::score_session`]), which a perfect model would output.
    ///
    /// `None` where the stock has no score in that session, or an index is out of range.
    pub fn oracle_score(&self, session_idx: usize, stock_idx: usize) -> Option<f64> {
        *self.oracle.get(session_idx)?.get(stock_idx)?
    }

    /// The mean rank IC that knowing the signal gives, over as-of sessions whose outcomes the
    /// market has.
    ///
    /// `None` when there is no such session in `sessions`.
    pub fn oracle_rank_ic(&self, sessions: Range<usize>, horizon: Horizon) -> Option<f64> {
        let known = self.sessions().len().saturating_sub(horizon.steps());
        let daily: Vec<f64> = (sessions.start..sessions.end.min(known))
            .filter_map(|session_idx| self.session_rank_ic(session_idx, horizon))
            .collect();
        (!daily.is_empty()).then(|| daily.iter().sum::<f64>() / daily.len() as f64)
    }

    fn session_rank_ic(&self, session_idx: usize, horizon: Horizon) -> Option<f64> {
        let pairs: Vec<(f64, f64)> = (0..self.stocks.len())
            .filter_map(|stock_idx| {
                let score = self.oracle_score(session_idx, stock_idx)?;
                let closes = self.panel.stock_bars(stock_idx).close;
                let forward_return =
                    closes[session_idx + horizon.steps()] / closes[session_idx] - 1.0;
                forward_return
                    .is_finite()
                    .then_some((score, forward_return))
            })
            .collect();
        rank_correlation(&pairs)
    }

    fn simulate(seed: u64, sessions: &[Session], listings: &[Listing], edge: f64) -> Self {
        let n_sessions = sessions.len();
        let mut paths: Vec<StockPath> = (0..)
            .zip(listings)
            .map(|(number, listing)| draw_path(seed, number, listing, n_sessions))
            .collect();
        let mut factors = Factors::new();
        let mut factor_rng = stream(seed, FACTOR_STREAM);
        for session_idx in 0..n_sessions {
            let shared = factors.next(&mut factor_rng);
            let scores = scores_before(session_idx, &paths);
            for (path, score) in paths.iter_mut().zip(scores) {
                path.step(session_idx, &shared, edge * score.unwrap_or(0.0));
            }
        }
        let stocks: Vec<Stock> = listings
            .iter()
            .zip(&paths)
            .map(|(listing, path)| to_stock(listing, path.plan(), sessions))
            .collect();
        let panel = to_panel(sessions, &stocks, &paths);
        let oracle = (0..n_sessions)
            .map(|session_idx| signal::score_session(&panel, session_idx))
            .collect();
        Self {
            stocks,
            panel,
            paths,
            oracle,
        }
    }
}

/// The last `n` sessions that are not after `until`.
fn sessions_until(
    until: Session,
    n: usize,
    calendar: &TradingCalendar,
) -> Result<Vec<Session>, CalendarError> {
    let mut session = if calendar.is_session(until.date())? {
        until
    } else {
        calendar.previous_session(until.date())?
    };
    let mut sessions = vec![session];
    while sessions.len() < n {
        session = calendar.previous_session(session.date())?;
        sessions.push(session);
    }
    sessions.reverse();
    Ok(sessions)
}

fn stream(seed: u64, number: u64) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(number);
    rng
}

fn draw_path(seed: u64, number: u64, listing: &Listing, n_sessions: usize) -> StockPath {
    let plan = if listing.is_anchor {
        LifePlan::uneventful(n_sessions)
    } else {
        LifePlan::draw(n_sessions, &mut stream(seed, FIRST_PLAN_STREAM + number))
    };
    let rng = stream(seed, FIRST_PATH_STREAM + number);
    StockPath::draw(listing.sector, plan, rng)
}

/// The signal's scores as of the session before, which is all that a session may know.
fn scores_before(session_idx: usize, paths: &[StockPath]) -> Vec<Option<f64>> {
    let Some(as_of) = session_idx.checked_sub(1) else {
        return vec![None; paths.len()];
    };
    let indicators: Vec<_> = paths.iter().map(|path| path.indicators(as_of)).collect();
    signal::combine(&indicators)
}

fn to_stock(listing: &Listing, plan: &LifePlan, sessions: &[Session]) -> Stock {
    Stock {
        code: listing.code.clone(),
        name: listing.name.clone(),
        market: listing.market,
        first_session: sessions[plan.listed.start],
        last_session: sessions[plan.listed.end - 1],
    }
}

fn to_panel(sessions: &[Session], stocks: &[Stock], paths: &[StockPath]) -> BarPanel {
    let mut builder = BarPanelBuilder::new(sessions.to_vec(), stocks.to_vec());
    for (stock_idx, path) in paths.iter().enumerate() {
        for (session_idx, bar) in path.plan().listed.clone().zip(path.bars()) {
            builder.set(stock_idx, session_idx, bar);
        }
    }
    builder.build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_planted_is_what_the_oracle_says() {
        for n_sessions in [40, 77, 160] {
            let config = MarketConfig {
                n_stocks: 60,
                n_sessions,
                ..MarketConfig::default()
            };
            let market = SimulatedMarket::generate(&config, &TradingCalendar::xkrx())
                .expect("the settings are valid");
            let planted_next = scores_before(n_sessions, &market.paths);
            assert_eq!(planted_next, market.oracle[n_sessions - 1]);
            assert!(planted_next.iter().flatten().count() > 50);
        }
    }
}
