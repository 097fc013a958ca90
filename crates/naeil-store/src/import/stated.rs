//! Corporate actions that base prices state.
//!
//! The exchange measures a session's change from its base price: the close before, on the session's
//! own footing. Where the two differ, something happened to the stock, and their ratio says how
//! much. It is worked out again for every stock whose bars an import touches, from the newest bars,
//! so the order in which sessions arrive does not matter; what changes is appended as known now.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use naeil_domain::{ActionKind, ActionSource, CorporateAction, Exchange};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, QueryResult};

use super::observed::Unobserved;
use crate::actions::{ActionRow, insert_actions};
use crate::bars::blocks::{Block, blocks_of, last_blocks_before, listed};
use crate::packed::{PackedBar, block_of};
use crate::sql::statement;

/// A base price is rounded to whole won, elsewhere to cents: half of that is rounding.
const fn rounding(exchange: Exchange) -> f64 {
    match exchange {
        Exchange::Krx => 0.5,
        Exchange::Us | Exchange::Cn => 0.005,
    }
}

/// A difference below this share of the close is rounding, too: prices of many digits, such as
/// adjusted ones, carry an error in their last.
const ROUNDING_SHARE: f64 = 1e-4;

/// How far the ratio of a split may lie from a whole number: base prices are rounded to ticks.
const WHOLE_SHARE: f64 = 0.01;

/// What the base price of a bar states, given the bar before it.
pub(super) fn stated(
    before: &PackedBar,
    bar: &PackedBar,
    exchange: Exchange,
) -> Option<(ActionKind, f64)> {
    let base = bar.base_price?;
    // What the source's own factors say already is not said again.
    let factors = (before.bar.adjustment_factor, bar.bar.adjustment_factor);
    let close = if factors.0 == factors.1 {
        before.bar.close
    } else {
        before.bar.close * factors.0 / factors.1
    };
    let difference = (close - base).abs();
    let is_rounding =
        difference <= rounding(exchange) * (1.0 + 1e-9) || difference <= ROUNDING_SHARE * close;
    let ratio = close / base;
    if is_rounding || !CorporateAction::is_plausible_ratio(ratio) {
        return None;
    }
    let kind = if before.bar.basis != bar.bar.basis {
        ActionKind::BasisSwitch
    } else if is_whole(ratio) {
        ActionKind::Split
    } else if is_whole(1.0 / ratio) {
        ActionKind::Consolidation
    } else {
        ActionKind::Other
    };
    Some((kind, ratio))
}

fn is_whole(ratio: f64) -> bool {
    let whole = ratio.round();
    whole >= 2.0 && (ratio - whole).abs() <= WHOLE_SHARE * whole
}

/// A stock whose statements are worked out again from a session on.
pub(super) struct Touched {
    pub(super) stock_id: i64,
    pub(super) from: NaiveDate,
}

/// What every statement of one import shares.
pub(super) struct Refresh<'a> {
    pub(super) transaction: &'a DatabaseTransaction,
    pub(super) run_id: i64,
    pub(super) recorded_at: DateTime<Utc>,
}

impl Refresh<'_> {
    /// Works the statements of some stocks of one exchange out again; gives how many changed.
    pub(super) async fn refresh(
        &self,
        touched: &[Touched],
        exchange: Exchange,
        unobserved: &Unobserved,
    ) -> Result<u64, DbErr> {
        let ids: Vec<i64> = touched.iter().map(|touched| touched.stock_id).collect();
        let Some(from) = touched.iter().map(|touched| touched.from).min() else {
            return Ok(0);
        };
        let first = block_of(from);
        let mut blocks = last_blocks_before(self.transaction, &ids, first).await?;
        blocks.extend(blocks_of(self.transaction, &ids, first, i32::MAX).await?);
        let mut series: BTreeMap<i64, Vec<PackedBar>> = BTreeMap::new();
        for block in &blocks {
            let bars = Block::bars(block)?;
            series.entry(block.stock_id).or_default().extend(bars);
        }
        let known = self.known(&ids).await?;
        let mut changed = Vec::new();
        for touched in touched {
            let bars = series.get(&touched.stock_id).map_or(&[][..], Vec::as_slice);
            let none = BTreeMap::new();
            let known = known.get(&touched.stock_id).unwrap_or(&none);
            for pair in bars
                .windows(2)
                .filter(|pair| pair[1].session >= touched.from)
            {
                let session = pair[1].session;
                let is_apart = unobserved.any_between(pair[0].session, session);
                let now = stated(&pair[0], &pair[1], exchange).filter(|_| !is_apart);
                if let Some(row) = said_anew(touched.stock_id, session, known.get(&session), now) {
                    changed.push(row);
                }
            }
            // A bar that was the first one may have got an earlier one, never the reverse.
        }
        insert_actions(self.transaction, self.run_id, self.recorded_at, &changed).await?;
        Ok(changed.len() as u64)
    }

    /// The newest statements by stock and session: revision, kind and ratio.
    async fn known(&self, ids: &[i64]) -> Result<BTreeMap<i64, BTreeMap<NaiveDate, Said>>, DbErr> {
        let sql = format!(
            "SELECT stock_id, session, revision, kind, ratio FROM corporate_actions \
             WHERE stock_id IN ({}) AND source = ? ORDER BY stock_id, session, revision",
            listed(ids)
        );
        let values = vec![ActionSource::Stated.as_str().into()];
        let query = statement(self.transaction.get_database_backend(), &sql, values);
        let mut known: BTreeMap<i64, BTreeMap<NaiveDate, Said>> = BTreeMap::new();
        for row in self.transaction.query_all_raw(query).await? {
            let said = Said::decode(&row)?;
            let of_stock = known.entry(row.try_get_by_index(0)?).or_default();
            of_stock.insert(row.try_get_by_index(1)?, said);
        }
        Ok(known)
    }
}

/// A statement that is known.
struct Said {
    revision: i32,
    kind: ActionKind,
    ratio: f64,
}

impl Said {
    fn decode(row: &QueryResult) -> Result<Self, DbErr> {
        let kind: String = row.try_get_by_index(3)?;
        Ok(Self {
            revision: row.try_get_by_index(2)?,
            kind: ActionKind::parse(&kind)
                .ok_or_else(|| DbErr::Type(format!("corporate_actions: kind '{kind}'")))?,
            ratio: row.try_get_by_index(4)?,
        })
    }
}

/// The next revision of a statement, if it says something else than the one that is known.
fn said_anew(
    stock_id: i64,
    session: NaiveDate,
    known: Option<&Said>,
    now: Option<(ActionKind, f64)>,
) -> Option<ActionRow> {
    let (kind, ratio) = match (known, now) {
        (None, None) => return None,
        (Some(said), None) if said.ratio == 1.0 => return None,
        // A ratio of 1 takes it back.
        (Some(said), None) => (said.kind, 1.0),
        (Some(said), Some(now)) if (said.kind, said.ratio) == now => return None,
        (_, Some(now)) => now,
    };
    Some(ActionRow {
        stock_id,
        session,
        source: ActionSource::Stated,
        revision: known.map_or(0, |said| said.revision) + 1,
        kind,
        ratio,
    })
}

#[cfg(test)]
mod tests {
    use naeil_domain::PriceBasis;
    use naeil_test_support::builders::bar;

    use super::*;

    fn packed(close: f64, base_price: Option<f64>) -> PackedBar {
        PackedBar {
            session: NaiveDate::from_ymd_opt(2024, 1, 2).unwrap(),
            revision: 1,
            bar: bar(close),
            base_price,
        }
    }

    fn says(close_before: f64, base: f64) -> Option<(ActionKind, f64)> {
        let (before, bar) = (packed(close_before, None), packed(base, Some(base)));
        stated(&before, &bar, Exchange::Krx)
    }

    #[test]
    fn a_base_price_that_is_not_the_close_before_states_an_action() {
        use ActionKind::{Consolidation, Other, Split};
        // 005930 in May 2018: 2,650,000 became 53,000. 035720 in April 2021: 558,000, 111,600.
        assert_eq!(says(2_650_000.0, 53_000.0), Some((Split, 50.0)));
        assert_eq!(says(558_000.0, 111_600.0), Some((Split, 5.0)));
        assert_eq!(says(500.0, 5000.0), Some((Consolidation, 0.1)));
        assert_eq!(says(10_000.0, 9700.0), Some((Other, 10_000.0 / 9700.0)));
        // Rounded to the tick of 50 won.
        assert_eq!(says(33_370.0, 11_100.0).map(|said| said.0), Some(Split));
    }

    #[test]
    fn rounding_states_nothing() {
        assert_eq!(says(10_000.0, 10_000.0), None);
        assert_eq!(says(1000.0, 1000.5), None, "half a won");
        assert_eq!(says(1_000_000.0, 1_000_100.0), None, "a ten-thousandth");
        assert!(says(1000.0, 1001.0).is_some());
        let silent = stated(&packed(10.0, None), &packed(20.0, None), Exchange::Krx);
        assert_eq!(silent, None);
        let cents = |base| stated(&packed(10.0, None), &packed(base, Some(base)), Exchange::Us);
        assert_eq!(cents(10.005), None);
        assert!(cents(10.02).is_some());
    }

    #[test]
    fn what_the_factors_say_is_not_said_again_and_a_switch_is_told_apart() {
        let before = packed(100.0, None);
        let mut bar = packed(20.0, Some(20.0));
        bar.bar.adjustment_factor = 5.0;
        assert_eq!(stated(&before, &bar, Exchange::Krx), None);
        bar.bar.adjustment_factor = 1.0;
        bar.bar.basis = PriceBasis::BackAdjusted;
        assert_eq!(
            stated(&before, &bar, Exchange::Krx),
            Some((ActionKind::BasisSwitch, 5.0))
        );
    }
}
