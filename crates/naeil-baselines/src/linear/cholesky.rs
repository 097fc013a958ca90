//! Symmetric positive definite systems.

use crate::error::BaselineError;

/// Solves A x = b, A given by its lower triangle, row-major: A = L L', L y = b, L' x = y.
///
/// # Errors
/// [`BaselineError::Singular`] if a pivot is not above 1e-13 of its diagonal.
///
/// # Source
/// Golub and Van Loan, "Matrix Computations", 4th ed., algorithm 4.2.1.
pub(crate) fn solve(mut a: Vec<f64>, mut b: Vec<f64>) -> Result<Vec<f64>, BaselineError> {
    let n = b.len();
    for j in 0..n {
        let diagonal = a[j * n + j];
        let norm: f64 = a[j * n..j * n + j].iter().map(|l| l * l).sum();
        let pivot = diagonal - norm;
        // Written so that a NaN is refused too.
        if !(pivot > 1e-13 * diagonal && pivot.is_finite()) {
            return Err(BaselineError::Singular { pivot: j });
        }
        let root = pivot.sqrt();
        a[j * n + j] = root;
        let (above, below) = a.split_at_mut((j + 1) * n);
        let row_j = &above[j * n..j * n + j];
        for row_i in below.chunks_exact_mut(n) {
            let product: f64 = row_i.iter().zip(row_j).map(|(x, y)| x * y).sum();
            row_i[j] = (row_i[j] - product) / root;
        }
    }
    for i in 0..n {
        let known: f64 = (0..i).map(|k| a[i * n + k] * b[k]).sum();
        b[i] = (b[i] - known) / a[i * n + i];
    }
    for i in (0..n).rev() {
        let known: f64 = (i + 1..n).map(|k| a[k * n + i] * b[k]).sum();
        b[i] = (b[i] - known) / a[i * n + i];
    }
    Ok(b)
}
