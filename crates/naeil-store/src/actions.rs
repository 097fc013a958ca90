//! The table of corporate actions.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use naeil_domain::ports::StoreError;
use naeil_domain::{ActionKind, ActionSource, CorporateAction, Exchange, Session, StockCode};
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Value};

use crate::sql::{bulk, statement, store_error};

const COLUMNS: [&str; 8] = [
    "stock_id",
    "session",
    "source",
    "revision",
    "kind",
    "ratio",
    "recorded_at",
    "import_run_id",
];

/// One statement about one stock and session.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct ActionRow {
    pub(crate) stock_id: i64,
    pub(crate) session: NaiveDate,
    pub(crate) source: ActionSource,
    pub(crate) revision: i32,
    pub(crate) kind: ActionKind,
    pub(crate) ratio: f64,
}

/// Appends statements.
pub(crate) async fn insert_actions(
    db: &impl ConnectionTrait,
    run_id: i64,
    recorded_at: DateTime<Utc>,
    rows: &[ActionRow],
) -> Result<(), DbErr> {
    let values = rows
        .iter()
        .flat_map(|row| {
            [
                Value::from(row.stock_id),
                row.session.into(),
                row.source.as_str().into(),
                row.revision.into(),
                row.kind.as_str().into(),
                row.ratio.into(),
                recorded_at.into(),
                run_id.into(),
            ]
        })
        .collect();
    bulk::insert(db, "corporate_actions", &COLUMNS, &[], "", values).await
}

/// The actions in force as known at a time, each with its stock's number, ascending by code and
/// session.
///
/// What a user entered about a session stands instead of what the exchange stated about it, a ratio
/// of 1 included, which says that nothing happened.
pub(crate) async fn actions_in_force(
    db: &impl ConnectionTrait,
    exchange: Exchange,
    as_known_at: Option<DateTime<Utc>>,
) -> Result<Vec<(i64, CorporateAction)>, StoreError> {
    let failed = store_error("reading corporate actions");
    let mut sql = "SELECT a.stock_id, k.code, a.session, a.source, a.kind, a.ratio \
                   FROM corporate_actions a JOIN stocks k ON k.id = a.stock_id \
                   WHERE k.exchange = ?"
        .to_owned();
    let mut values: Vec<Value> = vec![exchange.as_str().into()];
    if let Some(known_at) = as_known_at {
        sql.push_str(" AND a.recorded_at <= ?");
        values.push(known_at.into());
    }
    sql.push_str(" ORDER BY a.stock_id, a.session, a.source, a.revision");
    let rows = db
        .query_all_raw(statement(db.get_database_backend(), &sql, values))
        .await
        .map_err(&failed)?;
    // The last revision of a source wins, because it comes last.
    let mut newest = BTreeMap::new();
    for row in &rows {
        let (stock_id, action) = decode(row).map_err(&failed)?;
        newest.insert((stock_id, action.session, action.source), action);
    }
    let mut in_force = BTreeMap::new();
    for ((stock_id, session, _), action) in newest {
        // Sources ascend, and what was entered comes after what was stated.
        in_force.insert((stock_id, session), action);
    }
    let mut actions: Vec<_> = in_force
        .into_iter()
        .filter(|(_, action)| action.ratio != 1.0)
        .map(|((stock_id, _), action)| (stock_id, action))
        .collect();
    actions.sort_by(|(_, a), (_, b)| (&a.code, a.session).cmp(&(&b.code, b.session)));
    Ok(actions)
}

fn decode(row: &QueryResult) -> Result<(i64, CorporateAction), DbErr> {
    let unknown = |what: &str| DbErr::Type(format!("corporate_actions: {what}"));
    let code: String = row.try_get_by_index(1)?;
    let source: String = row.try_get_by_index(3)?;
    let kind: String = row.try_get_by_index(4)?;
    let action = CorporateAction {
        code: StockCode::parse(&code).map_err(|error| unknown(&error.to_string()))?,
        session: Session::new(row.try_get_by_index(2)?),
        source: ActionSource::parse(&source).ok_or_else(|| unknown(&source))?,
        kind: ActionKind::parse(&kind).ok_or_else(|| unknown(&kind))?,
        ratio: row.try_get_by_index(5)?,
    };
    Ok((row.try_get_by_index(0)?, action))
}

/// What corporate actions multiply the factors of each stock's bars by.
#[derive(Debug, Default)]
pub(crate) struct Factors {
    steps: HashMap<i64, Vec<(NaiveDate, f64)>>,
    seams: HashMap<i64, Vec<NaiveDate>>,
}

impl Factors {
    /// The factors as known at a time.
    pub(crate) async fn read(
        db: &impl ConnectionTrait,
        exchange: Exchange,
        as_known_at: Option<DateTime<Utc>>,
    ) -> Result<Self, StoreError> {
        let actions = actions_in_force(db, exchange, as_known_at).await?;
        Ok(Self::new(&actions))
    }

    fn new(actions: &[(i64, CorporateAction)]) -> Self {
        let mut factors = Self::default();
        for (stock_id, action) in actions {
            let session = action.session.date();
            let steps = factors.steps.entry(*stock_id).or_default();
            let before = steps.last().map_or(1.0, |&(_, factor)| factor);
            steps.push((session, before * action.ratio));
            if is_seam(action) {
                factors.seams.entry(*stock_id).or_default().push(session);
            }
        }
        factors
    }

    /// The factors of one stock.
    pub(crate) fn of(&self, stock_id: i64) -> StockFactors<'_> {
        StockFactors(self.steps.get(&stock_id).map_or(&[], Vec::as_slice))
    }

    /// The sessions in which one stock's series goes on without continuing what was before.
    pub(crate) fn seams(&self, stock_id: i64) -> &[NaiveDate] {
        self.seams.get(&stock_id).map_or(&[], Vec::as_slice)
    }
}

/// A switch of basis that the exchange states by a base price is exact; of one that a user entered
/// nobody knows how far the price really moved that day.
fn is_seam(action: &CorporateAction) -> bool {
    action.kind == ActionKind::BasisSwitch && action.source == ActionSource::Entered
}

/// The steps of one stock: from each session on, the product of all ratios so far.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StockFactors<'a>(&'a [(NaiveDate, f64)]);

impl StockFactors<'_> {
    /// The product of the ratios up to a session.
    pub(crate) fn at(&self, session: NaiveDate) -> f64 {
        let n_before = self.0.partition_point(|&(from, _)| from <= session);
        match n_before.checked_sub(1) {
            Some(last) => self.0[last].1,
            None => 1.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_multiply_from_their_sessions_on() {
        let action = |date, ratio| {
            let action = CorporateAction {
                code: StockCode::parse("005930").unwrap(),
                session: Session::parse(date).unwrap(),
                kind: ActionKind::Split,
                ratio,
                source: ActionSource::Stated,
            };
            (7, action)
        };
        let factors = Factors::new(&[action("2024-01-03", 5.0), action("2024-01-08", 0.5)]);
        let at = |date: &str| factors.of(7).at(date.parse().unwrap());
        let dates = ["2024-01-02", "2024-01-03", "2024-01-05", "2024-01-08"];
        assert_eq!(dates.map(at), [1.0, 5.0, 5.0, 2.5]);
        assert_eq!(factors.of(8).at("2024-01-08".parse().unwrap()), 1.0);
    }

    #[test]
    fn only_a_switch_that_was_entered_is_a_seam() {
        let action = |date, source| {
            let action = CorporateAction {
                code: StockCode::parse("005930").unwrap(),
                session: Session::parse(date).unwrap(),
                kind: ActionKind::BasisSwitch,
                ratio: 50.0,
                source,
            };
            (7, action)
        };
        let factors = Factors::new(&[
            action("2018-04-09", ActionSource::Entered),
            action("2018-05-04", ActionSource::Stated),
        ]);
        assert_eq!(factors.seams(7), ["2018-04-09".parse().unwrap()]);
        assert!(factors.seams(8).is_empty());
    }
}
