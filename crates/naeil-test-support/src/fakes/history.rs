//! A history of bars from memory.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use naeil_domain::ports::{BarHistory, BarRequest, BarSink, RefusedBar, StoreError, StoredBar};
use naeil_domain::{Bar, CorporateAction, Market, Session, Stock, StockCode};

/// A session's bar and its revision.
type Kept = (Session, Bar, u32);

/// Serves bars as a test states them: factors, bases, corrections, actions and refused rows.
#[derive(Debug, Clone, Default)]
pub struct FakeHistory {
    stocks: Vec<(Stock, Vec<Kept>)>,
    actions: Vec<CorporateAction>,
    refused: Vec<RefusedBar>,
}

impl FakeHistory {
    /// A history without one bar.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a stock with its bars; none are looked at.
    ///
    /// # Panics
    /// If the code is none, or there is no bar.
    #[must_use]
    pub fn with_bars(
        mut self,
        code: &str,
        market: Market,
        bars: impl IntoIterator<Item = (Session, Bar)>,
    ) -> Self {
        let mut bars: Vec<Kept> = bars
            .into_iter()
            .map(|(session, bar)| (session, bar, 1))
            .collect();
        bars.sort_by_key(|&(session, ..)| session);
        let (first, last) = (bars.first(), bars.last());
        let stock = Stock {
            code: StockCode::parse(code).expect("a test states a stock's code"),
            name: format!("name of {code}"),
            market,
            first_session: first.expect("a test states a stock's bars").0,
            last_session: last.expect("a test states a stock's bars").0,
        };
        self.stocks.push((stock, bars));
        self.stocks.sort_by(|a, b| a.0.code.cmp(&b.0.code));
        self
    }

    /// Gives a stock another name.
    #[must_use]
    pub fn named(mut self, code: &str, name: &str) -> Self {
        for (stock, _) in &mut self.stocks {
            if stock.code.as_str() == code {
                name.clone_into(&mut stock.name);
            }
        }
        self
    }

    /// Replaces a bar as a correction does, if there is one.
    #[must_use]
    pub fn corrected(mut self, code: &str, session: Session, bar: Bar) -> Self {
        let bars = self
            .stocks
            .iter_mut()
            .filter(|(stock, _)| stock.code.as_str() == code);
        for (at, known, revision) in bars.flat_map(|(_, bars)| bars) {
            if *at == session {
                *known = bar;
                *revision += 1;
            }
        }
        self
    }

    /// Adds a corporate action. The bars' factors stay as they were stated.
    #[must_use]
    pub fn with_action(mut self, action: CorporateAction) -> Self {
        self.actions.push(action);
        self.actions
            .sort_by(|a, b| (&a.code, a.session).cmp(&(&b.code, b.session)));
        self
    }

    /// Adds rows that an import refused.
    #[must_use]
    pub fn with_refused(mut self, code: &str, date: &str, reason: &str, count: u64) -> Self {
        self.refused.push(RefusedBar {
            code: code.to_owned(),
            date: date.to_owned(),
            reason: reason.to_owned(),
            count,
        });
        self.refused.sort();
        self
    }

    /// The first session that a request for the last ones leaves in.
    fn first_of(&self, request: &BarRequest) -> Option<Session> {
        let n = request.last_sessions?;
        let mut sessions: Vec<Session> = self
            .stocks
            .iter()
            .flat_map(|(_, bars)| bars.iter().map(|&(session, ..)| session))
            .filter(|&session| request.until.is_none_or(|until| session <= until))
            .collect();
        sessions.sort_unstable();
        sessions.dedup();
        sessions.into_iter().rev().take(n).min()
    }
}

#[async_trait]
impl BarHistory for FakeHistory {
    async fn scan(&self, request: &BarRequest, sink: &mut BarSink<'_>) -> Result<(), StoreError> {
        let first = self.first_of(request);
        for (stock, bars) in &self.stocks {
            let codes = request.codes.as_ref();
            if codes.is_some_and(|codes| !codes.contains(&stock.code)) {
                continue;
            }
            for &(session, bar, revision) in bars {
                let is_late = request.until.is_some_and(|until| session > until);
                if is_late || first.is_some_and(|first| session < first) {
                    continue;
                }
                sink(StoredBar {
                    stock,
                    session,
                    bar,
                    revision,
                });
            }
        }
        Ok(())
    }

    async fn actions(
        &self,
        _as_known_at: Option<DateTime<Utc>>,
    ) -> Result<Vec<CorporateAction>, StoreError> {
        Ok(self.actions.clone())
    }

    async fn refused(&self) -> Result<Vec<RefusedBar>, StoreError> {
        Ok(self.refused.clone())
    }
}
