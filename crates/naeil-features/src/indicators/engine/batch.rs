//! A plan over a whole life.

use macerator::{AutoArch, Simd, WithSimd};

use super::ema_bank::{self, Average};
use super::formula::{Evaluator, Formula, evaluate};
use super::graph::{N_INPUTS, Node, Step, Tap};
use super::plan::{Place, Plan};

/// Working memory that one thread uses for stock after stock.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    slots: Vec<Vec<f64>>,
}

impl Plan {
    /// Computes every output over one stock's bars, all of one length; `NaN` in its warm-up.
    /// Series that no output reads may be empty.
    ///
    /// # Shapes
    /// - `columns`: one slice of the bars' length for each output
    ///
    /// # Panics
    /// If a length differs.
    pub(in crate::indicators) fn run(
        &self,
        bars: [&[f64]; N_INPUTS],
        columns: &mut [&mut [f64]],
        scratch: &mut Scratch,
    ) {
        let n = columns.first().map_or(0, |column| column.len());
        assert_eq!(columns.len(), self.outputs().len(), "one slice per output");
        assert!(
            columns.iter().all(|column| column.len() == n),
            "columns of one length"
        );
        scratch
            .slots
            .resize_with(scratch.slots.len().max(self.n_slots()), Vec::new);
        for slot in &mut scratch.slots {
            slot.resize(n, 0.0);
        }
        for group in self.groups() {
            match group.as_slice() {
                &[node] if !self.is_average(node) => self.run_alone(node, bars, columns, scratch),
                bank => self.run_bank(bank, bars, columns, scratch),
            }
            for &node in group {
                self.copy_out(node, bars, columns, scratch);
            }
        }
        for (column, output) in columns.iter_mut().zip(self.outputs()) {
            if let Place::Input(input) = self.place(output.node) {
                column.copy_from_slice(bars[input]);
            }
            column[..output.warm_up.min(n)].fill(f64::NAN);
        }
    }

    fn is_average(&self, node: Node) -> bool {
        matches!(self.step(node).formula, Formula::Ema { .. })
    }

    fn run_alone(
        &self,
        node: Node,
        bars: [&[f64]; N_INPUTS],
        columns: &mut [&mut [f64]],
        scratch: &mut Scratch,
    ) {
        let step = self.step(node);
        match self.place(node) {
            Place::Input(_) => {}
            Place::Slot(slot) => {
                let mut out = std::mem::take(&mut scratch.slots[slot]);
                self.evaluate(step, bars, &scratch.slots, &mut out);
                scratch.slots[slot] = out;
            }
            Place::Column(column) => self.evaluate(step, bars, &scratch.slots, columns[column]),
        }
    }

    fn evaluate(&self, step: &Step, bars: [&[f64]; N_INPUTS], slots: &[Vec<f64>], out: &mut [f64]) {
        let start = step.start;
        if start < out.len() {
            let series = Series {
                plan: self,
                bars,
                slots,
            };
            // The widest vectors that the machine has; none of the arithmetic contracts, so the
            // bits are those of the narrowest.
            let pass = Pass { series, start, out };
            AutoArch::new().dispatch(Vectorised { step, pass });
        } else if matches!(step.formula, Formula::RunningSum | Formula::Rest) {
            // A life too short for a first step: a running value stands where it begins.
            out.fill(0.0);
        }
    }

    fn run_bank(
        &self,
        bank: &[Node],
        bars: [&[f64]; N_INPUTS],
        columns: &mut [&mut [f64]],
        scratch: &mut Scratch,
    ) {
        // The outputs leave their places while the inputs are read from the others.
        let mut slots: Vec<Vec<f64>> = bank
            .iter()
            .map(|&node| match self.place(node) {
                Place::Slot(slot) => std::mem::take(&mut scratch.slots[slot]),
                Place::Input(_) | Place::Column(_) => Vec::new(),
            })
            .collect();
        let mut outs: Vec<Option<&mut [f64]>> = columns
            .iter_mut()
            .map(|column| Some(&mut **column))
            .collect();
        let series = Series {
            plan: self,
            bars,
            slots: &scratch.slots,
        };
        let averages = bank.iter().zip(&mut slots).map(|(&node, slot)| {
            let step = self.step(node);
            let Formula::Ema { weight, count } = step.formula else {
                unreachable!("a bank holds averages")
            };
            let out = match self.place(node) {
                Place::Column(column) => outs[column].take().expect("a column has one series"),
                Place::Slot(_) | Place::Input(_) => slot.as_mut_slice(),
            };
            let x = series.of(step.taps()[0].node);
            Average {
                x,
                out,
                weight,
                count,
                start: step.start,
            }
        });
        ema_bank::run(averages.collect());
        for (&node, out) in bank.iter().zip(slots) {
            if let Place::Slot(slot) = self.place(node) {
                scratch.slots[slot] = out;
            }
        }
    }

    /// Copies a series that other steps read to the columns that show it.
    fn copy_out(
        &self,
        node: Node,
        bars: [&[f64]; N_INPUTS],
        columns: &mut [&mut [f64]],
        scratch: &Scratch,
    ) {
        if matches!(self.place(node), Place::Column(_)) {
            return;
        }
        for (column, output) in columns.iter_mut().zip(self.outputs()) {
            if output.node == node {
                let series = Series {
                    plan: self,
                    bars,
                    slots: &scratch.slots,
                };
                column.copy_from_slice(series.of(node));
            }
        }
    }
}

/// Where a step finds its taps.
struct Series<'a> {
    plan: &'a Plan,
    bars: [&'a [f64]; N_INPUTS],
    slots: &'a [Vec<f64>],
}

impl<'a> Series<'a> {
    fn of(&self, node: Node) -> &'a [f64] {
        match self.plan.place(node) {
            Place::Input(input) => self.bars[input],
            Place::Slot(slot) => &self.slots[slot],
            Place::Column(_) => unreachable!("a series in a column of its own has no readers"),
        }
    }
}

/// One step over a life.
struct Pass<'a, 'out> {
    series: Series<'a>,
    start: usize,
    out: &'out mut [f64],
}

impl<'a> Pass<'a, '_> {
    /// The values behind a tap, from the step's first session on.
    #[inline(always)]
    fn values(&self, tap: Tap) -> &'a [f64] {
        let len = self.out.len() - self.start;
        &self.series.of(tap.node)[self.start - tap.lag..][..len]
    }
}

/// A step's loop, to be compiled for each width of vectors. A closure would not do: only what is
/// inlined into the function that the width is declared for is compiled for it.
struct Vectorised<'s, 'a, 'o> {
    step: &'s Step,
    pass: Pass<'a, 'o>,
}

impl WithSimd for Vectorised<'_, '_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self) {
        evaluate(self.step, &mut self.pass);
    }
}

/// Zipped slices, because only then the compiler drops the bounds checks and makes vector code.
impl Evaluator for Pass<'_, '_> {
    #[inline(always)]
    fn fill(&mut self, value: f64) {
        self.out[self.start..].fill(value);
    }

    #[inline(always)]
    fn map1(&mut self, taps: [Tap; 1], f: impl Fn([f64; 1]) -> f64) {
        let [a] = taps.map(|tap| self.values(tap));
        for (out, &a) in self.out[self.start..].iter_mut().zip(a) {
            *out = f([a]);
        }
    }

    #[inline(always)]
    fn map2(&mut self, taps: [Tap; 2], f: impl Fn([f64; 2]) -> f64) {
        let [a, b] = taps.map(|tap| self.values(tap));
        for ((out, &a), &b) in self.out[self.start..].iter_mut().zip(a).zip(b) {
            *out = f([a, b]);
        }
    }

    #[inline(always)]
    fn map3(&mut self, taps: [Tap; 3], f: impl Fn([f64; 3]) -> f64) {
        let [a, b, c] = taps.map(|tap| self.values(tap));
        let inputs = a.iter().zip(b).zip(c);
        for (out, ((&a, &b), &c)) in self.out[self.start..].iter_mut().zip(inputs) {
            *out = f([a, b, c]);
        }
    }

    #[inline(always)]
    fn map4(&mut self, taps: [Tap; 4], f: impl Fn([f64; 4]) -> f64) {
        let [a, b, c, d] = taps.map(|tap| self.values(tap));
        let inputs = a.iter().zip(b).zip(c.iter().zip(d));
        for (out, ((&a, &b), (&c, &d))) in self.out[self.start..].iter_mut().zip(inputs) {
            *out = f([a, b, c, d]);
        }
    }

    #[inline(always)]
    fn map6(&mut self, taps: [Tap; 6], f: impl Fn([f64; 6]) -> f64) {
        let [a, b, c, d, e, g] = taps.map(|tap| self.values(tap));
        let inputs = a.iter().zip(b).zip(c.iter().zip(d)).zip(e.iter().zip(g));
        for (out, (((&a, &b), (&c, &d)), (&e, &g))) in self.out[self.start..].iter_mut().zip(inputs)
        {
            *out = f([a, b, c, d, e, g]);
        }
    }

    #[inline(always)]
    fn scan(&mut self, tap: Tap, f: impl Fn(f64, f64) -> f64) {
        let mut state = 0.0;
        let x = self.values(tap);
        let (before, out) = self.out.split_at_mut(self.start);
        before.fill(state);
        for (out, &x) in out.iter_mut().zip(x) {
            state = f(state, x);
            *out = state;
        }
    }

    fn map_later(&mut self, node: Node, lag: usize, f: impl Fn([f64; 2]) -> f64) {
        let x = self.values(node.now());
        let (first, later) = x.split_at(lag.min(x.len()));
        let (out_first, out_later) = self.out[self.start..].split_at_mut(first.len());
        out_first.copy_from_slice(first);
        for ((out, &now), &before) in out_later.iter_mut().zip(later).zip(x) {
            *out = f([now, before]);
        }
    }

    fn ema(&mut self, _: Tap, _: f64, _: usize) {
        unreachable!("averages run in their bank");
    }
}
