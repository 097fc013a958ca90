//! The columns of one stock, bar by bar.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::engine::ema_bank;
use super::engine::formula::{Evaluator, evaluate};
use super::engine::graph::{N_INPUTS, Node, Tap};
use super::engine::plan::Plan;

/// One session of a stock, already carried over gaps and halts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CarriedBar {
    pub(crate) open: f64,
    pub(crate) high: f64,
    pub(crate) low: f64,
    pub(crate) close: f64,
    pub(crate) volume: f64,
}

/// What the columns need to know of a stock's past, and nothing more: about 20 KB.
///
/// It evaluates the very steps that the batch evaluates, so a series pushed bar by bar gives the
/// batch's values to the last bit. Made once, it can be cloned for every stock.
#[derive(Debug, Clone)]
pub(crate) struct StockColumns {
    plan: Arc<Plan>,
    layout: Arc<Layout>,
    /// Number of bars pushed.
    age: usize,
    /// The last values of every series, each in a ring of a power of two.
    rings: Vec<f64>,
    /// What a recursion carries on: its value, or in an average's warm-up the sum so far.
    states: Vec<f64>,
    row: Vec<f64>,
}

/// Where the ring of each series lies.
#[derive(Debug)]
struct Layout {
    rings: Vec<Ring>,
    len: usize,
}

/// Rings of one size lie woven together, session by session: a push then touches a few places of
/// memory instead of one a series, which is what a push of a whole market waits for.
#[derive(Debug, Clone, Copy)]
struct Ring {
    offset: usize,
    mask: usize,
    /// Number of rings of this size.
    stride: usize,
}

impl Ring {
    /// Where the value of session `t` of the life lies.
    #[inline(always)]
    fn at(self, t: usize) -> usize {
        self.offset + (t & self.mask) * self.stride
    }
}

impl Layout {
    fn new(plan: &Plan) -> Self {
        let mut lags = vec![0; plan.n_nodes()];
        let nodes = plan.groups().iter().flatten();
        for tap in nodes.flat_map(|&node| plan.step(node).taps()) {
            let lag = &mut lags[tap.node.index()];
            *lag = tap.lag.max(*lag);
        }
        let sizes: Vec<usize> = lags
            .iter()
            .map(|lag| (lag + 1).next_power_of_two())
            .collect();
        let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (node, &size) in sizes.iter().enumerate() {
            members.entry(size).or_default().push(node);
        }
        let mut len = 0;
        let mut rings = vec![None; sizes.len()];
        for (size, nodes) in members {
            for (place, &node) in nodes.iter().enumerate() {
                rings[node] = Some(Ring {
                    offset: len + place,
                    mask: size - 1,
                    stride: nodes.len(),
                });
            }
            len += size * nodes.len();
        }
        Self {
            rings: rings.into_iter().flatten().collect(),
            len,
        }
    }
}

impl StockColumns {
    pub(super) fn of_plan(plan: Arc<Plan>) -> Self {
        let layout = Layout::new(&plan);
        Self {
            age: 0,
            rings: vec![f64::NAN; layout.len],
            states: vec![0.0; plan.n_nodes()],
            row: vec![f64::NAN; plan.outputs().len()],
            layout: Arc::new(layout),
            plan,
        }
    }

    /// Takes the next bar and returns one value for each column, `NaN` in its warm-up.
    pub(crate) fn push(&mut self, bar: CarriedBar) -> &[f64] {
        let Self {
            plan,
            layout,
            age,
            rings,
            states,
            row,
        } = self;
        let t = *age;
        *age += 1;
        let inputs: [f64; N_INPUTS] = [bar.open, bar.high, bar.low, bar.close, bar.volume];
        for (ring, value) in layout.rings.iter().zip(inputs) {
            rings[ring.at(t)] = value;
        }
        for &node in plan.groups().iter().flatten() {
            let step = plan.step(node);
            let mut moment = Moment {
                rings,
                layout,
                t,
                start: step.start,
                state: &mut states[node.index()],
                value: f64::NAN,
            };
            evaluate(step, &mut moment);
            let value = moment.value;
            rings[layout.rings[node.index()].at(t)] = value;
        }
        for (value, output) in row.iter_mut().zip(plan.outputs()) {
            if t >= output.warm_up {
                *value = rings[layout.rings[output.node.index()].at(t)];
            }
        }
        row
    }
}

/// One step in one session.
struct Moment<'a> {
    rings: &'a [f64],
    layout: &'a Layout,
    t: usize,
    start: usize,
    state: &'a mut f64,
    value: f64,
}

impl Moment<'_> {
    #[inline(always)]
    fn at(&self, tap: Tap) -> f64 {
        let ring = self.layout.rings[tap.node.index()];
        self.rings[ring.at(self.t.wrapping_sub(tap.lag))]
    }
}

impl Evaluator for Moment<'_> {
    #[inline(always)]
    fn fill(&mut self, value: f64) {
        if self.t >= self.start {
            self.value = value;
        }
    }

    #[inline(always)]
    fn map1(&mut self, taps: [Tap; 1], f: impl Fn([f64; 1]) -> f64) {
        if self.t >= self.start {
            self.value = f(taps.map(|tap| self.at(tap)));
        }
    }

    #[inline(always)]
    fn map2(&mut self, taps: [Tap; 2], f: impl Fn([f64; 2]) -> f64) {
        if self.t >= self.start {
            self.value = f(taps.map(|tap| self.at(tap)));
        }
    }

    #[inline(always)]
    fn map3(&mut self, taps: [Tap; 3], f: impl Fn([f64; 3]) -> f64) {
        if self.t >= self.start {
            self.value = f(taps.map(|tap| self.at(tap)));
        }
    }

    #[inline(always)]
    fn map4(&mut self, taps: [Tap; 4], f: impl Fn([f64; 4]) -> f64) {
        if self.t >= self.start {
            self.value = f(taps.map(|tap| self.at(tap)));
        }
    }

    #[inline(always)]
    fn map6(&mut self, taps: [Tap; 6], f: impl Fn([f64; 6]) -> f64) {
        if self.t >= self.start {
            self.value = f(taps.map(|tap| self.at(tap)));
        }
    }

    #[inline(always)]
    fn scan(&mut self, tap: Tap, f: impl Fn(f64, f64) -> f64) {
        if self.t >= self.start {
            *self.state = f(*self.state, self.at(tap));
        }
        self.value = *self.state;
    }

    #[inline(always)]
    fn map_later(&mut self, node: Node, lag: usize, f: impl Fn([f64; 2]) -> f64) {
        if self.t >= self.start + lag {
            self.value = f([node.now(), node.at(lag)].map(|tap| self.at(tap)));
        } else if self.t >= self.start {
            self.value = self.at(node.now());
        }
    }

    #[inline(always)]
    fn ema(&mut self, tap: Tap, weight: f64, count: usize) {
        let x = self.at(tap);
        if self.t > self.start {
            *self.state = ema_bank::step(*self.state, x, weight);
            self.value = *self.state;
        } else if self.t + count > self.start {
            *self.state += x;
            if self.t == self.start {
                *self.state = ema_bank::seed(*self.state, count);
                self.value = *self.state;
            }
        }
    }
}
