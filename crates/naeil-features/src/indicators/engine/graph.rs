//! Series made of series, each at most once.

use super::formula::Formula;

/// The most series that one step reads.
pub(in crate::indicators) const MAX_TAPS: usize = 6;

/// A series of one stock, one value a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::indicators) struct Node(pub(super) u16);

impl Node {
    /// The series' value `lag` sessions before.
    pub(in crate::indicators) fn at(self, lag: usize) -> Tap {
        Tap { node: self, lag }
    }

    /// The series' value in the same session.
    pub(in crate::indicators) fn now(self) -> Tap {
        self.at(0)
    }

    pub(in crate::indicators) fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// What a step reads: a series at a lag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::indicators) struct Tap {
    pub(in crate::indicators) node: Node,
    pub(in crate::indicators) lag: usize,
}

/// How one series is computed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::indicators) struct Step {
    pub(in crate::indicators) formula: Formula,
    taps: [Tap; MAX_TAPS],
    n_taps: usize,
    /// First session with a value.
    pub(in crate::indicators) start: usize,
}

impl Step {
    pub(in crate::indicators) fn taps(&self) -> &[Tap] {
        &self.taps[..self.n_taps]
    }

    /// The first `N` taps.
    #[inline(always)]
    pub(super) fn first<const N: usize>(&self) -> [Tap; N] {
        std::array::from_fn(|i| self.taps[i])
    }
}

/// The bars' own series, which every graph begins with.
#[derive(Debug, Clone, Copy)]
pub(in crate::indicators) struct Inputs {
    pub(in crate::indicators) open: Node,
    pub(in crate::indicators) high: Node,
    pub(in crate::indicators) low: Node,
    pub(in crate::indicators) close: Node,
    pub(in crate::indicators) volume: Node,
}

/// Number of input series.
pub(in crate::indicators) const N_INPUTS: usize = 5;

/// Series in the order in which they can be computed. The first [`N_INPUTS`] are the bars.
#[derive(Debug, Default)]
pub(in crate::indicators) struct Graph {
    steps: Vec<Step>,
}

impl Graph {
    pub(in crate::indicators) fn new() -> Self {
        let mut graph = Self::default();
        for _ in 0..N_INPUTS {
            graph.push(Formula::Input, &[], 0);
        }
        graph
    }

    /// The bars' own series.
    pub(in crate::indicators) fn inputs(&self) -> Inputs {
        let [open, high, low, close, volume] = [0, 1, 2, 3, 4].map(Node);
        Inputs {
            open,
            high,
            low,
            close,
            volume,
        }
    }

    /// The series of `formula` over `taps`; the same one if it was asked for before. It has a
    /// value as soon as all of the taps have.
    ///
    /// # Panics
    /// If there are more than [`MAX_TAPS`] taps.
    pub(in crate::indicators) fn add(&mut self, formula: Formula, taps: &[Tap]) -> Node {
        let starts = taps.iter().map(|tap| self.start(tap.node) + tap.lag);
        let start = starts.max().unwrap_or(0);
        self.add_from(formula, taps, start)
    }

    /// As [`Self::add`], with a first value in session `start`.
    pub(in crate::indicators) fn add_from(
        &mut self,
        formula: Formula,
        taps: &[Tap],
        start: usize,
    ) -> Node {
        let is_same =
            |step: &Step| step.formula == formula && step.taps() == taps && step.start == start;
        match self.steps[N_INPUTS..].iter().position(is_same) {
            Some(idx) => Node((N_INPUTS + idx) as u16),
            None => self.push(formula, taps, start),
        }
    }

    fn push(&mut self, formula: Formula, taps: &[Tap], start: usize) -> Node {
        let mut all = [Node(0).now(); MAX_TAPS];
        all[..taps.len()].copy_from_slice(taps);
        let node = u16::try_from(self.steps.len()).expect("no spec has so many columns");
        self.steps.push(Step {
            formula,
            taps: all,
            n_taps: taps.len(),
            start,
        });
        Node(node)
    }

    /// First session in which the series has a value.
    pub(in crate::indicators) fn start(&self, node: Node) -> usize {
        self.steps[node.index()].start
    }

    pub(super) fn into_steps(self) -> Vec<Step> {
        self.steps
    }
}
