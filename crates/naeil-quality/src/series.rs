//! One stock's bars.

use chrono::NaiveDate;
use naeil_domain::ports::StoredBar;
use naeil_domain::{Bar, CorporateAction, PriceBasis, Stock, greatest_move};

use crate::day_bits::DayBits;
use crate::limits::{
    COARSE_BELOW, FLAT_LIMIT, FLAT_SESSIONS, MOVES_HELD, VOLUME_OUTLIER, VOLUME_WINDOW,
};
use crate::market::{CodeTally, MarketTally};
use crate::moves::{Move, Place};
use crate::worst::{Case, Worst};

/// One bar of the stock.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row {
    pub(crate) day: NaiveDate,
    pub(crate) bar: Bar,
    corrected: bool,
}

impl Row {
    pub(crate) fn new(day: NaiveDate, stored: &StoredBar<'_>) -> Self {
        Self {
            day,
            bar: stored.bar,
            corrected: stored.revision > 1,
        }
    }

    fn close(&self) -> f64 {
        self.bar.close * self.bar.adjustment_factor
    }

    fn is_bare(&self) -> bool {
        self.bar.open == 0.0 && self.bar.high == 0.0 && self.bar.low == 0.0
    }
}

/// Counts a stock's bars, ascending by day, into the market's tally.
pub(crate) fn analyse(
    stock: &Stock,
    rows: &[Row],
    actions: &[CorporateAction],
    market: &mut MarketTally,
) {
    let (Some(first), Some(last)) = (rows.first(), rows.last()) else {
        return;
    };
    let mut days = DayBits::starting(first.day);
    for row in rows {
        days.insert(row.day);
        market.count_bar(row.day, row.bar.is_halted());
        market.corrected += u64::from(row.corrected);
    }
    let mut series = Series {
        stock,
        rows,
        actions: of_stock(actions, stock),
        market,
    };
    let (halts, longest_halt) = series.halts();
    let outside_range = series.outside_range();
    let longest_flat = series.flat_runs();
    series.volume_outliers();
    series.moves();
    let is_whole = |row: &Row| {
        [row.bar.open, row.bar.high, row.bar.low, row.bar.close]
            .iter()
            .all(|price| price.fract() == 0.0)
    };
    market.codes.push(CodeTally {
        code: stock.code.clone(),
        name: stock.name.clone(),
        market: stock.market,
        first: first.day,
        last: last.day,
        days,
        bars: rows.len() as u64,
        halts,
        longest_halt,
        outside_range,
        as_traded: count(rows, |row| row.bar.basis == PriceBasis::AsTraded),
        longest_flat,
        whole_units: rows.iter().all(is_whole),
        low_priced: count(rows, |row| row.bar.close < COARSE_BELOW),
        gaps: 0,
        longest_gap: 0,
        moves: 0,
    });
}

/// The actions of one stock; the whole is ascending by code.
fn of_stock<'a>(actions: &'a [CorporateAction], stock: &Stock) -> &'a [CorporateAction] {
    let from = actions.partition_point(|action| action.code < stock.code);
    let n = actions[from..].partition_point(|action| action.code == stock.code);
    &actions[from..from + n]
}

fn count(rows: &[Row], is: impl Fn(&Row) -> bool) -> u64 {
    rows.iter().filter(|row| is(row)).count() as u64
}

struct Series<'a> {
    stock: &'a Stock,
    rows: &'a [Row],
    actions: &'a [CorporateAction],
    market: &'a mut MarketTally,
}

impl Series<'_> {
    fn case(&self, day: NaiveDate, severity: f64, before: f64, after: f64) -> Case {
        Case {
            severity,
            code: self.stock.code.clone(),
            day,
            before,
            after,
        }
    }

    /// The halted bars, and the longest run of them.
    fn halts(&mut self) -> (u64, u64) {
        let (mut n, mut run, mut longest) = (0, 0, 0);
        for (i, row) in self.rows.iter().enumerate() {
            if !row.bar.is_halted() {
                run = 0;
                continue;
            }
            n += 1;
            run += 1;
            longest = longest.max(run);
            self.market.bare_halts += u64::from(row.is_bare());
            let Some(before) = i.checked_sub(1).map(|i| self.rows[i]) else {
                continue;
            };
            let change = (row.close() / before.close() - 1.0).abs();
            if change > 1e-6 {
                let case = self.case(row.day, change, before.bar.close, row.bar.close);
                self.market.halted_changes.offer(case);
            }
        }
        (n, longest)
    }

    /// Bars whose open or close lies outside low to high. A bare halt states no range.
    fn outside_range(&mut self) -> u64 {
        let mut n = 0;
        for row in self.rows {
            let bar = &row.bar;
            if row.is_bare() {
                continue;
            }
            let beyond = |p: f64| (p - bar.high).max(bar.low - p);
            let (of_open, of_close) = (beyond(bar.open), beyond(bar.close));
            let distance = of_open.max(of_close) / bar.close;
            if distance > 1e-9 {
                n += 1;
                let price = if of_open > of_close {
                    bar.open
                } else {
                    bar.close
                };
                let bound = if price > bar.high { bar.high } else { bar.low };
                let case = self.case(row.day, distance, bound, price);
                self.market.outside_range.offer(case);
            }
        }
        n
    }

    /// The longest run of traded bars with one close.
    fn flat_runs(&mut self) -> u32 {
        let mut longest = 0;
        let mut run: Option<(f64, u32, NaiveDate)> = None;
        let mut runs = Worst::default();
        let mut end = |run: Option<(f64, u32, NaiveDate)>| {
            if let Some((close, n, from)) = run.filter(|&(_, n, _)| n >= FLAT_SESSIONS) {
                let code = self.stock.code.clone();
                runs.offer(Case {
                    severity: f64::from(n),
                    code,
                    day: from,
                    before: f64::from(n),
                    after: close,
                });
            }
        };
        for row in self.rows.iter().filter(|row| !row.bar.is_halted()) {
            run = match run {
                Some((close, n, from)) if close == row.bar.close => Some((close, n + 1, from)),
                ended => {
                    end(ended);
                    Some((row.bar.close, 1, row.day))
                }
            };
            longest = longest.max(run.map_or(0, |(_, n, _)| n));
        }
        end(run);
        let kept = runs.cases().to_vec();
        let dropped = runs.n - kept.len() as u64;
        kept.into_iter()
            .for_each(|case| self.market.flat_runs.offer(case));
        self.market.flat_runs.n += dropped;
        longest
    }

    fn volume_outliers(&mut self) {
        let mut volumes: Vec<f64> = self.traded_volumes(self.rows).collect();
        if volumes.len() < 2 * FLAT_SESSIONS as usize {
            return;
        }
        let usual = median(&mut volumes);
        for row in self
            .rows
            .iter()
            .filter(|r| r.bar.volume > usual * VOLUME_OUTLIER)
        {
            let case = self.case(row.day, row.bar.volume / usual, usual, row.bar.volume);
            self.market.volume_outliers.offer(case);
        }
    }

    fn traded_volumes(&self, rows: &[Row]) -> impl Iterator<Item = f64> + use<> {
        let volumes: Vec<f64> = rows
            .iter()
            .map(|r| r.bar.volume)
            .filter(|&v| v > 0.0)
            .collect();
        volumes.into_iter()
    }

    /// Moves of the close: against the last traded one, and against the bar before.
    fn moves(&mut self) {
        for pair in self.rows.windows(2) {
            let change = pair[1].close() / pair[0].close() - 1.0;
            self.market.beyond_flat_limit += u64::from(change.abs() > FLAT_LIMIT);
        }
        let mut before: Option<usize> = None;
        for (i, row) in self.rows.iter().enumerate() {
            if row.bar.is_halted() {
                continue;
            }
            if let Some(j) = before {
                self.judge_move(j, i);
            }
            before = Some(i);
        }
    }

    fn judge_move(&mut self, j: usize, i: usize) {
        let (before, row) = (&self.rows[j], &self.rows[i]);
        let limit = greatest_move(self.stock.market, row.day);
        let change = row.close() / before.close() - 1.0;
        self.market.count_return(change / limit);
        if change.abs() <= limit {
            return;
        }
        if self.market.moves.len() >= MOVES_HELD {
            self.market.moves_not_held += 1;
            return;
        }
        let action = self.actions.iter().find(|a| a.session.date() == row.day);
        self.market.moves.push(Move {
            code: self.stock.code.clone(),
            code_idx: self.market.codes.len(),
            previous: before.day,
            day: row.day,
            before: before.bar.close,
            after: row.bar.close,
            change,
            ratio: before.close() / (row.bar.open * row.bar.adjustment_factor),
            volume_step: self.volume_step(j, i),
            halted_between: i - j > 1,
            as_traded: row.bar.basis == PriceBasis::AsTraded,
            action_ratio: action.map(|action| action.ratio),
            place: Place::Adjacent,
        });
    }

    /// Median adjusted volume of the traded bars after the step over that of those before it: what
    /// known actions explain of the price, they explain of the volume.
    fn volume_step(&self, j: usize, i: usize) -> f64 {
        let traded = |row: &&Row| row.bar.volume > 0.0;
        let volume = |row: &Row| row.bar.volume / row.bar.adjustment_factor;
        let earlier = self.rows[..=j].iter().rev().filter(traded);
        let later = self.rows[i..].iter().filter(traded);
        let mut earlier: Vec<f64> = earlier.take(VOLUME_WINDOW).map(volume).collect();
        let mut later: Vec<f64> = later.take(VOLUME_WINDOW).map(volume).collect();
        median(&mut later) / median(&mut earlier)
    }
}

/// The middle value; the upper one of two. NaN of none.
fn median(values: &mut [f64]) -> f64 {
    let middle = values.len() / 2;
    if values.is_empty() {
        return f64::NAN;
    }
    *values.select_nth_unstable_by(middle, f64::total_cmp).1
}
