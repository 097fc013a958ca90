//! All columns of a spec over one stock, sharing what they have in common.

use std::ops::Range;
use std::sync::Arc;

use super::Indicator;
use super::engine::batch::Scratch;
use super::engine::graph::Graph;
use super::engine::plan::{Output, Plan};
use super::stream::StockColumns;
use crate::carried::CarriedBars;

/// Computes a list of columns together; made once, used for every stock, on any thread.
#[derive(Debug, Clone)]
pub(crate) struct ColumnKernel {
    plan: Arc<Plan>,
}

impl ColumnKernel {
    /// Plans `indicators`, whose parameters must be valid.
    pub(crate) fn new(indicators: &[Indicator]) -> Self {
        let mut graph = Graph::new();
        let outputs: Vec<Output> = indicators
            .iter()
            .map(|indicator| Output {
                node: indicator.series(&mut graph),
                warm_up: indicator.warm_up(),
            })
            .collect();
        debug_assert!(
            outputs
                .iter()
                .all(|output| graph.start(output.node) == output.warm_up),
            "every indicator states its warm-up"
        );
        Self {
            plan: Arc::new(Plan::new(graph, outputs)),
        }
    }

    /// Computes the columns over one of a stock's lives; `NaN` in each one's warm-up, finite after
    /// it.
    ///
    /// # Shapes
    /// - `out`: `[column, session]`, contiguous, as long as the columns times the life
    ///
    /// # Panics
    /// If `out` has another length, or the life is not within the bars.
    pub(crate) fn compute(
        &self,
        bars: &CarriedBars,
        life: Range<usize>,
        out: &mut [f64],
        scratch: &mut Scratch,
    ) {
        let n = life.len();
        assert_eq!(
            out.len(),
            n * self.plan.outputs().len(),
            "[column, session]"
        );
        if n == 0 {
            return;
        }
        let mut columns: Vec<&mut [f64]> = out.chunks_exact_mut(n).collect();
        let bars = [&bars.open, &bars.high, &bars.low, &bars.close, &bars.volume];
        let bars = bars.map(|series| &series[life.clone()]);
        self.plan.run(bars, &mut columns, scratch);
    }

    /// The same columns bar by bar, before a stock's first bar.
    pub(crate) fn stream(&self) -> StockColumns {
        StockColumns::of_plan(Arc::clone(&self.plan))
    }
}
