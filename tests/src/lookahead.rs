//! No feature and no label knows the future, and a server computes what training computed.

mod cut;
mod market;
mod served;

use anyhow::{Context as _, ensure};
use naeil_domain::{BarPanel, Horizon, StockCode};
use naeil_features::{FeaturePanel, FeatureSpec, FeatureStream, Labels, VoidWindow, Window};

pub use market::{Market, recorded};

use crate::random::Rng;

/// Samples of one session share the panels that are computed for it.
const SAMPLES_A_SESSION: usize = 5;

/// Codes that must be among the samples, and the session of their split if the bars hold it: such
/// samples lie before it, where the future could be seen.
const SPLITS: [(&str, &str); 3] = [
    ("035720", "2021-04-15"),
    ("086520", "2024-04-25"),
    ("005930", "2018-05-04"),
];

/// What was compared.
#[derive(Debug, Clone, Default)]
pub struct LookaheadFigures {
    /// Which bars, in words.
    pub bars: String,
    /// (code, session) pairs drawn.
    pub samples: usize,
    /// Those of them before a later split of the code.
    pub before_a_split: usize,
    /// Those of them with a usable window; the others are void, for the same reason.
    pub windows: usize,
    /// (code, session, horizon) labels.
    pub labels: usize,
    /// Those of them that are void.
    pub void_labels: usize,
    /// Rows of the newest session, moved on session by session, that are those of the whole panel
    /// to the bit.
    pub streamed_rows: usize,
    /// Windows of a read of the last sessions compared with those of the whole history.
    pub served_windows: usize,
    /// The greatest difference between the two, in the column's magnitude: its greatest value.
    pub served_difference: f64,
    /// Ranks that differ because two stocks are as good as equal.
    pub served_ties: usize,
}

/// Proves it on `samples` pairs of a market, drawn by `seed`.
///
/// # Errors
/// The first value that differs, and where.
pub fn lookahead(market: &Market, samples: usize, seed: u64) -> anyhow::Result<LookaheadFigures> {
    let spec = both_forms()?;
    let bars = &market.bars;
    let whole = FeaturePanel::compute(&spec, bars)?;
    let mut figures = LookaheadFigures {
        bars: market.description.clone(),
        ..LookaheadFigures::default()
    };
    features_know_nothing_later(bars, &whole, samples, seed, &mut figures)?;
    labels_know_nothing_later(bars, samples, seed, &mut figures)?;
    the_stream_is_the_panel(bars, &whole, &mut figures)?;
    served::a_read_is_the_history(bars, &whole, market.read_every, &mut figures)?;
    Ok(figures)
}

/// The default spec, with ranks if it has none.
fn both_forms() -> anyhow::Result<FeatureSpec> {
    let spec = FeatureSpec::v2();
    let is_rank =
        |column: &naeil_features::FeatureColumn| column.form == naeil_features::Form::Rank;
    if spec.columns().iter().any(is_rank) {
        return Ok(spec);
    }
    Ok(spec.with_ranks()?)
}

/// The stocks to look at in a session, and which of them will split later.
fn draw_stocks(bars: &BarPanel, session_idx: usize, rng: &mut Rng) -> Vec<(usize, bool)> {
    let session = bars.sessions()[session_idx];
    let mut drawn: Vec<(usize, bool)> = Vec::new();
    for (code, split) in SPLITS {
        let Ok(code) = StockCode::parse(code) else {
            continue;
        };
        if let Ok(idx) = bars.stocks().binary_search_by(|s| s.code.cmp(&code)) {
            drawn.push((idx, session.to_string().as_str() < split));
        }
    }
    // The codes with splits take turns, the others fill up.
    let turn = session_idx % drawn.len().max(1);
    drawn.rotate_left(turn);
    drawn.truncate(2);
    while drawn.len() < SAMPLES_A_SESSION {
        drawn.push((rng.below(bars.stocks().len()), false));
    }
    drawn
}

type Bits = Result<Vec<u32>, VoidWindow>;

fn bits(window: Result<Window<'_>, VoidWindow>) -> Bits {
    window.map(|window| window.rows().flatten().map(|x| x.to_bits()).collect())
}

fn features_know_nothing_later(
    bars: &BarPanel,
    whole: &FeaturePanel,
    samples: usize,
    seed: u64,
    figures: &mut LookaheadFigures,
) -> anyhow::Result<()> {
    let spec = whole.spec();
    let mut rng = Rng::new(seed);
    let first = spec.warm_up() + spec.lookback();
    ensure!(first + 1 < bars.sessions().len(), "too few sessions");
    while figures.samples < samples {
        let session_idx = first + rng.below(bars.sessions().len() - 1 - first);
        let session = bars.sessions()[session_idx];
        let known = bars.truncated_after(session);
        let shuffled = cut::shuffled_after(bars, session_idx, &mut rng);
        let known = FeaturePanel::compute_last(spec, &known, spec.lookback())?;
        let n_after = bars.sessions().len() - 1 - session_idx;
        let shuffled = FeaturePanel::compute_last(spec, &shuffled, spec.lookback() + n_after)?;
        for (stock_idx, before_a_split) in draw_stocks(bars, session_idx, &mut rng) {
            let expected = bits(whole.window(session_idx, stock_idx));
            for (what, panel) in [("cut off", &known), ("shuffled", &shuffled)] {
                ensure!(
                    bits(panel.window(spec.lookback() - 1, stock_idx)) == expected,
                    "the window of {} in {session} changes when what follows is {what}",
                    bars.stocks()[stock_idx].code
                );
            }
            figures.samples += 1;
            figures.windows += usize::from(expected.is_ok());
            figures.before_a_split += usize::from(before_a_split);
        }
    }
    Ok(())
}

fn labels_know_nothing_later(
    bars: &BarPanel,
    samples: usize,
    seed: u64,
    figures: &mut LookaheadFigures,
) -> anyhow::Result<()> {
    let whole = Labels::compute(bars);
    let mut rng = Rng::new(seed ^ 1);
    for _ in 0..samples {
        let session_idx = rng.below(bars.sessions().len() - Horizon::MAX_STEPS - 1);
        let stock_idx = rng.below(bars.stocks().len());
        let alone = bars.retain_stocks(|i, _| i == stock_idx);
        for horizon in Horizon::ALL {
            let target_idx = session_idx + horizon.steps();
            let expected = whole.forward_return(session_idx, stock_idx, horizon);
            for (what, bars) in [
                (
                    "cut off",
                    alone.truncated_after(bars.sessions()[target_idx]),
                ),
                (
                    "shuffled",
                    cut::shuffled_after(&alone, target_idx, &mut rng),
                ),
            ] {
                let found = Labels::compute(&bars).forward_return(session_idx, 0, horizon);
                ensure!(
                    found.map(f32::to_bits) == expected.map(f32::to_bits),
                    "the {horizon} label of {} in {} changes from {expected:?} to {found:?} when \
                     what follows its target is {what}",
                    bars.stocks()[0].code,
                    bars.sessions()[session_idx]
                );
            }
            figures.labels += 1;
            figures.void_labels += usize::from(expected.is_none());
        }
    }
    Ok(())
}

/// Session by session from the same first bar, to the bit.
fn the_stream_is_the_panel(
    bars: &BarPanel,
    whole: &FeaturePanel,
    figures: &mut LookaheadFigures,
) -> anyhow::Result<()> {
    let mut stream = FeatureStream::new(whole.spec(), &bars.last_sessions(0))?;
    for (session_idx, &session) in bars.sessions().iter().enumerate() {
        stream.push(&cut::one_session(bars, session_idx))?;
        for (stock_idx, stock) in bars.stocks().iter().enumerate() {
            let idx = (stream.stock_index(&stock.code)).context("every stock was pushed")?;
            let bits = |row: Option<&[f32]>| -> Option<Vec<u32>> {
                Some(row?.iter().map(|x| x.to_bits()).collect())
            };
            let expected = bits(whole.row(session_idx, stock_idx));
            ensure!(
                bits(stream.row(idx)) == expected,
                "the row of {} in {session} differs when computed session by session",
                stock.code
            );
            figures.streamed_rows += usize::from(expected.is_some());
        }
    }
    Ok(())
}
