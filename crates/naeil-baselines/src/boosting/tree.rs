//! One tree, grown leaf by leaf.

use rayon::prelude::*;

use super::BoostingConfig;
use super::binning::{Bins, Cuts};
use super::histogram::{Derivatives, Histogram, Split, Sums, best_split, subtract, sum_histogram};

/// Rows answered by one task.
const CHUNK_ROWS: usize = 8_192;

/// A decision tree over bins.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Tree {
    nodes: Vec<Node>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Node {
    Leaf(f64),
    /// Rows up to and including `bin` go to node `left`, the others to the one after it.
    Branch {
        column: u32,
        bin: u8,
        left: u32,
    },
}

/// What a tree is grown from.
pub(crate) struct Ground<'a> {
    pub(crate) bins: &'a Bins,
    pub(crate) cuts: &'a Cuts,
    /// One a row of the data.
    pub(crate) derivatives: &'a [Derivatives],
    pub(crate) config: &'a BoostingConfig,
}

/// A leaf that may still be split.
struct Leaf {
    node: usize,
    /// Its rows, ascending.
    rows: Vec<u32>,
    sums: Sums,
    /// One a column drawn.
    histograms: Vec<Histogram>,
    split: Option<Split>,
}

impl Tree {
    /// Grows a tree over `rows` (ascending) that may split on `columns` (ascending): always at the
    /// leaf where it gains most, the older one if two gain the same.
    pub(crate) fn grow(ground: &Ground<'_>, rows: Vec<u32>, columns: &[usize]) -> Self {
        let mut tree = Self::default();
        let derivatives = gather(ground.derivatives, &rows);
        let sums = Sums::of(&derivatives);
        let histograms = sum_histograms(ground, columns, &rows, &derivatives);
        let mut leaves = vec![tree.plant(ground, columns, rows, sums, histograms)];
        while leaves.len() < ground.config.max_leaves {
            let mut best: Option<(usize, Split)> = None;
            for (i, leaf) in leaves.iter().enumerate() {
                if let Some(split) = leaf.split
                    && best.is_none_or(|(_, best)| split.gain > best.gain)
                {
                    best = Some((i, split));
                }
            }
            let Some((i, split)) = best else {
                break;
            };
            let leaf = leaves.remove(i);
            leaves.extend(tree.split(ground, columns, leaf, split));
        }
        tree
    }

    /// Makes a node of rows and looks for its best split.
    fn plant(
        &mut self,
        ground: &Ground<'_>,
        columns: &[usize],
        rows: Vec<u32>,
        sums: Sums,
        histograms: Vec<Histogram>,
    ) -> Leaf {
        let Ground { cuts, config, .. } = ground;
        self.nodes
            .push(Node::Leaf(config.learning_rate * sums.answer(config.l2)));
        let splits: Vec<Option<Split>> = if rows.len() < 2 * config.min_rows {
            Vec::new()
        } else {
            (columns.iter().zip(&histograms))
                .map(|(&column, histogram)| {
                    let n_bins = cuts.n_bins(column);
                    best_split(histogram, column, n_bins, sums, rows.len(), config)
                })
                .collect()
        };
        let mut split: Option<Split> = None;
        for found in splits.into_iter().flatten() {
            if split.is_none_or(|split| found.gain > split.gain) {
                split = Some(found);
            }
        }
        Leaf {
            node: self.nodes.len() - 1,
            rows,
            sums,
            histograms,
            split,
        }
    }

    /// Parts a leaf's rows; only the smaller side is summed anew.
    fn split(
        &mut self,
        ground: &Ground<'_>,
        columns: &[usize],
        leaf: Leaf,
        split: Split,
    ) -> [Leaf; 2] {
        self.nodes[leaf.node] = Node::Branch {
            column: split.column as u32,
            bin: split.bin,
            left: self.nodes.len() as u32,
        };
        let bins = &ground.bins.columns[split.column];
        let (left, right): (Vec<u32>, Vec<u32>) =
            (leaf.rows.into_iter()).partition(|&row| bins[row as usize] <= split.bin);
        let smaller = if left.len() <= right.len() {
            &left
        } else {
            &right
        };
        let derivatives = gather(ground.derivatives, smaller);
        let summed = sum_histograms(ground, columns, smaller, &derivatives);
        let mut rest = leaf.histograms;
        for (parent, child) in rest.iter_mut().zip(&summed) {
            subtract(parent, child);
        }
        let (of_left, of_right) = if left.len() <= right.len() {
            (summed, rest)
        } else {
            (rest, summed)
        };
        let sums_right = leaf.sums.minus(split.left);
        [
            self.plant(ground, columns, left, split.left, of_left),
            self.plant(ground, columns, right, sums_right, of_right),
        ]
    }

    /// Adds the tree's answer to every score.
    ///
    /// # Shapes
    /// - `scores`: one a row of `bins`
    pub(crate) fn add_to(&self, bins: &Bins, scores: &mut [f64]) {
        (scores.par_chunks_mut(CHUNK_ROWS).enumerate()).for_each(|(chunk, scores)| {
            let first = chunk * CHUNK_ROWS;
            for (i, score) in scores.iter_mut().enumerate() {
                *score += self.answer(bins, first + i);
            }
        });
    }

    fn answer(&self, bins: &Bins, row: usize) -> f64 {
        let mut at = 0;
        loop {
            match self.nodes[at] {
                Node::Leaf(answer) => return answer,
                Node::Branch { column, bin, left } => {
                    let goes_right = bins.columns[column as usize][row] > bin;
                    at = left as usize + usize::from(goes_right);
                }
            }
        }
    }
}

fn gather(derivatives: &[Derivatives], rows: &[u32]) -> Vec<Derivatives> {
    rows.iter().map(|&row| derivatives[row as usize]).collect()
}

/// One histogram a column, in parallel over the columns.
fn sum_histograms(
    ground: &Ground<'_>,
    columns: &[usize],
    rows: &[u32],
    derivatives: &[Derivatives],
) -> Vec<Histogram> {
    (columns.par_iter())
        .map(|&column| sum_histogram(&ground.bins.columns[column], rows, derivatives))
        .collect()
}
