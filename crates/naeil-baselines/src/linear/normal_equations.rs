//! Sums of weighted outer products over rows, blocked and in a fixed order.

use rayon::prelude::*;

use crate::tabular::TabularData;

/// Rows summed by one task. The chunks, and so every rounding, do not depend on threads.
const CHUNK_ROWS: usize = 4_096;

/// A = sum of w x x' and b = sum of r x, x being a row with a 1 before it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct NormalEquations {
    /// Side of `a`: columns and the intercept.
    pub(crate) n: usize,
    /// Row-major, of which only the lower triangle is filled.
    pub(crate) a: Vec<f64>,
    pub(crate) b: Vec<f64>,
}

impl NormalEquations {
    /// Sums over the given rows; `weigh` says w and r of a row, whose x it is shown.
    pub(crate) fn sum(
        data: &TabularData,
        rows: &[u32],
        weigh: impl Fn(usize, &[f64]) -> (f64, f64) + Sync,
    ) -> Self {
        let n = data.n_columns() + 1;
        let parts: Vec<Self> = rows
            .par_chunks(CHUNK_ROWS)
            .map(|rows| {
                let mut part = Self::zeros(n);
                let x = gather(data, rows, n);
                // Four rows at a time, so that A is read and written a quarter as often.
                for (rows, x) in rows.chunks(4).zip(x.chunks(4 * n)) {
                    part.add(rows, x, &weigh);
                }
                part
            })
            .collect();
        let mut total = Self::zeros(n);
        for part in parts {
            add_to(&mut total.a, &part.a);
            add_to(&mut total.b, &part.b);
        }
        total
    }

    fn zeros(n: usize) -> Self {
        Self {
            n,
            a: vec![0.0; n * n],
            b: vec![0.0; n],
        }
    }

    fn add(&mut self, rows: &[u32], x: &[f64], weigh: &impl Fn(usize, &[f64]) -> (f64, f64)) {
        let n = self.n;
        let mut weights = [0.0; 4];
        for ((&row, x), weight) in rows.iter().zip(x.chunks_exact(n)).zip(&mut weights) {
            let (w, r) = weigh(row as usize, x);
            *weight = w;
            for (b, x) in self.b.iter_mut().zip(x) {
                *b += r * x;
            }
        }
        if rows.len() < 4 {
            for (x, w) in x.chunks_exact(n).zip(weights) {
                for i in 0..n {
                    let wx = w * x[i];
                    for (a, x) in self.a[i * n..i * n + i + 1].iter_mut().zip(x) {
                        *a += wx * x;
                    }
                }
            }
            return;
        }
        let [x0, x1, x2, x3] = [0, 1, 2, 3].map(|k| &x[k * n..(k + 1) * n]);
        for i in 0..n {
            let [w0, w1, w2, w3] = [
                weights[0] * x0[i],
                weights[1] * x1[i],
                weights[2] * x2[i],
                weights[3] * x3[i],
            ];
            let a = &mut self.a[i * n..i * n + i + 1];
            let (x0, x1, x2, x3) = (&x0[..=i], &x1[..=i], &x2[..=i], &x3[..=i]);
            for (j, a) in a.iter_mut().enumerate() {
                *a += (w0 * x0[j] + w1 * x1[j]) + (w2 * x2[j] + w3 * x3[j]);
            }
        }
    }
}

/// Copies rows, each with a 1 before it.
fn gather(data: &TabularData, rows: &[u32], n: usize) -> Vec<f64> {
    let mut x = vec![1.0; rows.len() * n];
    for (at, column) in data.columns().iter().enumerate() {
        for (i, &row) in rows.iter().enumerate() {
            x[i * n + at + 1] = f64::from(column[row as usize]);
        }
    }
    x
}

fn add_to(total: &mut [f64], part: &[f64]) {
    for (total, part) in total.iter_mut().zip(part) {
        *total += part;
    }
}
