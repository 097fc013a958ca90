//! Which stocks a model learns from.

use std::ops::Range;

use naeil_domain::{BarPanel, StockCode};

use crate::config::UniverseConfig;

/// The universe chosen from a panel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Universe {
    /// Indices of the stocks, ascending.
    pub stock_idxs: Vec<usize>,
    /// Codes that were asked for and have no bar.
    pub missing: Vec<StockCode>,
}

/// What the name of a special purpose acquisition company holds, by the exchange's listing rules.
const SPAC: &str = "스팩";

/// Chooses the stocks of greatest median traded value over the training sessions.
///
/// A special purpose acquisition company, told by its name, is left out unless `config.spacs` says
/// otherwise. Names are the newest that the store knows: a shell that has merged bears the name of the
/// company it became, and counts from its first session on.
///
/// The codes of `config.always` come first and count towards `config.max_stocks`; a tie goes to
/// the lower code. A session without a bar counts as a traded value of 0, so a stock that was
/// listed late or delisted early ranks by how much of the window it covers. A stock that never
/// traded in the window is chosen only if it is asked for.
///
/// Adjusted close x volume knows splits that came later, and so does this choice, in vendors'
/// series whose volume is not adjusted with the price. It decides who is learned from and is never
/// a feature; sessions after the training window have no say.
///
/// # Units
/// `train_sessions`: indices of sessions of `bars`.
pub fn select_universe(
    bars: &BarPanel,
    train_sessions: Range<usize>,
    config: &UniverseConfig,
) -> Universe {
    let wanted = |code: &StockCode| config.always.contains(code);
    let mut chosen = Vec::new();
    let mut ranked = Vec::new();
    for (stock_idx, stock) in bars.stocks().iter().enumerate() {
        let bars = bars.stock_bars(stock_idx);
        let window = train_sessions.clone();
        if wanted(&stock.code) {
            chosen.push(stock_idx);
        } else if (config.spacs || !stock.name.contains(SPAC))
            && bars.volume[window.clone()]
                .iter()
                .any(|&volume| volume > 0.0)
        {
            let value = median_traded_value(&bars.close[window.clone()], &bars.volume[window]);
            ranked.push((value, stock_idx));
        }
    }
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let room = config
        .max_stocks
        .map_or(ranked.len(), |max| max.saturating_sub(chosen.len()));
    chosen.extend(
        ranked
            .into_iter()
            .take(room)
            .map(|(_, stock_idx)| stock_idx),
    );
    chosen.sort_unstable();
    let listed = |code: &&StockCode| bars.stocks().iter().any(|stock| stock.code == **code);
    Universe {
        stock_idxs: chosen,
        missing: config
            .always
            .iter()
            .filter(|code| !listed(code))
            .cloned()
            .collect(),
    }
}

/// The median over sessions of close x volume; the upper of the two middle values where their
/// number is even.
fn median_traded_value(close: &[f64], volume: &[f64]) -> f64 {
    let mut values: Vec<f64> = close
        .iter()
        .zip(volume)
        .map(|(close, volume)| close * volume)
        .map(|value| if value.is_nan() { 0.0 } else { value })
        .collect();
    if values.is_empty() {
        return 0.0;
    }
    let middle = values.len() / 2;
    *values.select_nth_unstable_by(middle, f64::total_cmp).1
}

#[cfg(test)]
mod tests;
