//! The loss of a session.

#[cfg(test)]
mod tests;

use burn::tensor::activation::{log_sigmoid, relu};
use burn::tensor::{Device, Tensor, TensorData};

use naeil_domain::Horizon;
use naeil_domain::forecast::QUANTILE_LEVELS;

use crate::batch::Batch;
use crate::network::Outputs;

/// The loss of a batch: per horizon the mean over its labels, summed over horizons and heads.
///
/// With y the percentile of the return within its session, u whether it rose, B the logit of the
/// session's share of rises (a constant) and r the return over its scale:
///
/// ```text
/// relative     -(y ln p + (1 - y) ln (1 - p))       p = sigmoid(relative)
/// direction    -(u ln p + (1 - u) ln (1 - p))       p = sigmoid(direction + B)
/// quantiles    mean over levels q of max(q e, (q - 1) e)      e = r - quantile
/// ```
///
/// # Source
/// Koenker and Bassett (1978), Regression Quantiles.
pub(crate) fn loss(outputs: Outputs, batch: &Batch, device: &Device) -> Tensor<1> {
    let matrix = |values: &[f32]| {
        let shape = [values.len() / Horizon::COUNT, Horizon::COUNT];
        Tensor::<2>::from_data(TensorData::new(values.to_vec(), shape), device)
    };
    let ranking = cross_entropy(outputs.relative, matrix(&batch.percentile));
    let direction = cross_entropy(outputs.direction + matrix(&batch.market), matrix(&batch.up));
    let returns = matrix(&batch.scaled_return);
    let pinball = outputs
        .quantiles
        .into_iter()
        .zip(QUANTILE_LEVELS)
        .map(|(quantile, level)| pinball(returns.clone() - quantile, level))
        .reduce(|sum, part| sum + part)
        .expect("there are five levels")
        .div_scalar(QUANTILE_LEVELS.len() as f32);
    ((ranking + direction + pinball) * matrix(&batch.weight)).sum()
}

/// Cross-entropy of logits against targets between 0 and 1.
///
/// With p = sigmoid(z) it is (1 - y) z - ln p, as ln (1 - p) = ln p - z; written so, no exponential
/// overflows.
fn cross_entropy(logits: Tensor<2>, targets: Tensor<2>) -> Tensor<2> {
    targets.neg().add_scalar(1.0) * logits.clone() - log_sigmoid(logits)
}

/// `max(q e, (q - 1) e)` of what a return is above a quantile.
fn pinball(excess: Tensor<2>, level: f64) -> Tensor<2> {
    excess.clone().mul_scalar(level) + relu(excess.neg())
}
