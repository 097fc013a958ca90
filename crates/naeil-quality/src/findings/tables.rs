//! The tables of a report.

use super::Facts;
use super::refused::Refused;
use crate::limits::CODE_ROWS;
use crate::market::{CodeTally, RETURN_BINS};
use crate::report::{CodeRow, ReturnBin, SessionRow};

/// Codes with something to tell, those with most impossible moves first, then those with most rows
/// that are missing, refused, outside their range, or halted.
pub(super) fn worst_codes(facts: &Facts<'_>, refused: &Refused) -> Vec<CodeRow> {
    let row = |c: &CodeTally| CodeRow {
        code: c.code.to_string(),
        name: c.name.clone(),
        market: c.market.as_str().to_owned(),
        first: c.first.to_string(),
        last: c.last.to_string(),
        bars: c.bars,
        halts: c.halts,
        longest_halt: c.longest_halt,
        gaps: c.gaps,
        longest_gap: c.longest_gap,
        moves: c.moves,
        outside_range: c.outside_range,
        refused: refused.of_code(c.code.as_str()),
    };
    let defects = |row: &CodeRow| row.gaps + row.refused + row.outside_range + row.halts;
    let mut rows: Vec<CodeRow> = facts.market.codes.iter().map(row).collect();
    rows.retain(|row| row.moves + defects(row) > 0);
    rows.sort_by(|a, b| {
        let key = |row: &CodeRow| (row.moves, defects(row));
        key(b).cmp(&key(a)).then_with(|| a.code.cmp(&b.code))
    });
    rows.truncate(CODE_ROWS);
    rows
}

/// Every session, with or without bars.
pub(super) fn sessions(facts: &Facts<'_>) -> Vec<SessionRow> {
    let row = |day: &chrono::NaiveDate| {
        let session = facts.market.sessions.get(day).copied().unwrap_or_default();
        SessionRow {
            session: day.to_string(),
            bars: session.bars,
            halts: session.halts,
            missing: session.missing,
            moves: session.moves,
        }
    };
    facts.axis.sessions.iter().map(row).collect()
}

/// Moves between traded closes by size; the first and the last bin are open outwards.
pub(super) fn returns(facts: &Facts<'_>) -> Vec<ReturnBin> {
    let edge = |i: usize| (i as f64 - (RETURN_BINS / 2) as f64) / 10.0;
    let bin = |(i, &n): (usize, &u64)| ReturnBin {
        from: edge(i),
        to: edge(i + 1),
        n,
    };
    facts.market.returns.iter().enumerate().map(bin).collect()
}
