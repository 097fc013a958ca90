//! Which windows can be learned from, and batches of them.
//!
//! Nothing here holds the windows themselves: 700,000 of them would be 4 GB. An index names
//! (session, stock) pairs, and a batch is copied out of the feature panel when it is needed.

use std::ops::Range;

use naeil_domain::Horizon;
use naeil_features::{DateSplit, FeaturePanel, Labels, Scaler};

/// What a model is trained on.
#[derive(Debug, Clone, Copy)]
pub struct TrainingData<'a> {
    /// The features of every session.
    pub panel: &'a FeaturePanel,
    /// What happened afterwards.
    pub labels: &'a Labels,
    /// Which sessions are for what.
    pub split: &'a DateSplit,
    /// Only windows of these stocks, as ascending indices of the panel; `None` for every stock. The
    /// others still count in ranks and in the scaler.
    pub stock_idxs: Option<&'a [usize]>,
}

impl TrainingData<'_> {
    /// Whether windows of this stock are drawn.
    fn learns_from(&self, stock_idx: usize) -> bool {
        self.stock_idxs
            .is_none_or(|stock_idxs| stock_idxs.binary_search(&stock_idx).is_ok())
    }
}

/// One window that has at least one label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WindowRef {
    pub(crate) session_idx: u32,
    pub(crate) stock_idx: u32,
}

/// How often labels said "up".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct LabelCount {
    pub(crate) ups: usize,
    pub(crate) n: usize,
}

impl LabelCount {
    fn add(&mut self, up: bool) {
        self.ups += usize::from(up);
        self.n += 1;
    }

    /// `ln(p / (1 - p))` of the share of rises, drawn half a count towards one half so that a
    /// session in which everything fell has a finite logit.
    pub(crate) fn logit(self) -> f64 {
        let share = (self.ups as f64 + 0.5) / (self.n as f64 + 1.0);
        (share / (1.0 - share)).ln()
    }

    /// Share of rises; one half if nothing was counted.
    pub(crate) fn share(self) -> f64 {
        if self.n == 0 {
            return 0.5;
        }
        self.ups as f64 / self.n as f64
    }
}

/// The usable windows of a range of sessions and the base rates of their labels.
pub(crate) struct WindowIndex {
    windows: Vec<WindowRef>,
    sessions: Range<usize>,
    by_session: Vec<[LabelCount; Horizon::COUNT]>,
    total: [LabelCount; Horizon::COUNT],
}

impl WindowIndex {
    /// Collects every window that ends in `sessions` and has a label.
    pub(crate) fn collect(data: &TrainingData<'_>, sessions: Range<usize>) -> Self {
        let mut index = Self {
            windows: Vec::new(),
            by_session: vec![Default::default(); sessions.len()],
            sessions: sessions.clone(),
            total: Default::default(),
        };
        for session_idx in sessions {
            for stock_idx in (0..data.panel.stocks().len()).filter(|&at| data.learns_from(at)) {
                index.admit(data, session_idx, stock_idx);
            }
        }
        index
    }

    fn admit(&mut self, data: &TrainingData<'_>, session_idx: usize, stock_idx: usize) {
        let labels = Horizon::ALL.map(|horizon| data.labels.is_up(session_idx, stock_idx, horizon));
        if labels.iter().all(Option::is_none) || data.panel.window(session_idx, stock_idx).is_err()
        {
            return;
        }
        let of_session = &mut self.by_session[session_idx - self.sessions.start];
        for (horizon_idx, up) in labels.into_iter().enumerate() {
            if let Some(up) = up {
                of_session[horizon_idx].add(up);
                self.total[horizon_idx].add(up);
            }
        }
        let narrow = |idx: usize| u32::try_from(idx).expect("a panel has fewer than 2^32 rows");
        self.windows.push(WindowRef {
            session_idx: narrow(session_idx),
            stock_idx: narrow(stock_idx),
        });
    }

    /// The windows, by session and stock.
    pub(crate) fn windows(&self) -> &[WindowRef] {
        &self.windows
    }

    /// The labels of the whole range, per horizon.
    pub(crate) fn total(&self) -> &[LabelCount; Horizon::COUNT] {
        &self.total
    }

    /// The logit of one session's base rate minus that of the training window, per horizon: how
    /// much more of the market rose than it usually does.
    fn market_offset(
        &self,
        session_idx: usize,
        training_logits: &[f64; Horizon::COUNT],
    ) -> [f32; Horizon::COUNT] {
        let of_session = &self.by_session[session_idx - self.sessions.start];
        std::array::from_fn(|horizon_idx| {
            (of_session[horizon_idx].logit() - training_logits[horizon_idx]) as f32
        })
    }
}

/// Windows with their labels, ready for the network.
///
/// # Shapes
/// `windows` has `shape` = `[batch_size, seq_length, input_size]`, scaled; the others are
/// `[batch_size, n_outputs]`, row-major.
#[derive(Debug, Clone)]
pub(crate) struct Batch {
    pub(crate) windows: Vec<f32>,
    pub(crate) shape: [usize; 3],
    /// 1 for a rise, else 0; 0 where void.
    pub(crate) up: Vec<f32>,
    /// The label's share in the loss: 1 / (labels of this horizon in the batch), 0 where void.
    pub(crate) weight: Vec<f32>,
    /// What is added to the logit.
    pub(crate) offset: Vec<f32>,
}

impl Batch {
    /// The first `n` rows and the others.
    pub(crate) fn split_at(mut self, n: usize) -> (Self, Self) {
        let [batch_size, seq_length, input_size] = self.shape;
        let n_outputs = self.up.len() / batch_size;
        let back = Self {
            windows: self.windows.split_off(n * seq_length * input_size),
            shape: [batch_size - n, seq_length, input_size],
            up: self.up.split_off(n * n_outputs),
            weight: self.weight.split_off(n * n_outputs),
            offset: self.offset.split_off(n * n_outputs),
        };
        self.shape = [n, seq_length, input_size];
        (self, back)
    }
}

/// Copies windows out of the panel, scales them and looks up their labels.
pub(crate) struct BatchAssembler<'a> {
    pub(crate) data: &'a TrainingData<'a>,
    pub(crate) scaler: &'a Scaler,
    /// Logit of the training base rate, per horizon.
    pub(crate) training_logits: [f64; Horizon::COUNT],
}

impl BatchAssembler<'_> {
    /// Makes a batch of these windows of `index`.
    pub(crate) fn assemble(&self, index: &WindowIndex, refs: &[WindowRef]) -> Batch {
        let spec = self.data.panel.spec();
        let (seq_length, input_size) = (spec.lookback(), spec.n_columns());
        let mut batch = Batch {
            windows: vec![0.0; refs.len() * seq_length * input_size],
            shape: [refs.len(), seq_length, input_size],
            up: Vec::with_capacity(refs.len() * Horizon::COUNT),
            weight: Vec::with_capacity(refs.len() * Horizon::COUNT),
            offset: Vec::with_capacity(refs.len() * Horizon::COUNT),
        };
        let mut counts = [0_usize; Horizon::COUNT];
        let slots = batch.windows.chunks_exact_mut(seq_length * input_size);
        for (window_ref, slot) in refs.iter().zip(slots) {
            let session_idx = window_ref.session_idx as usize;
            let stock_idx = window_ref.stock_idx as usize;
            self.data
                .panel
                .window(session_idx, stock_idx)
                .expect("the index admits only windows that are not void")
                .copy_into(slot);
            batch
                .offset
                .extend(index.market_offset(session_idx, &self.training_logits));
            for horizon in Horizon::ALL {
                let label = self.data.labels.is_up(session_idx, stock_idx, horizon);
                counts[horizon.index()] += usize::from(label.is_some());
                batch.up.push(if label == Some(true) { 1.0 } else { 0.0 });
                batch.weight.push(if label.is_some() { 1.0 } else { 0.0 });
            }
        }
        self.scaler.transform(&mut batch.windows);
        for row in batch.weight.chunks_exact_mut(Horizon::COUNT) {
            for (weight, &count) in row.iter_mut().zip(&counts) {
                *weight /= count.max(1) as f32;
            }
        }
        batch
    }
}

#[cfg(test)]
mod tests;
