//! The network: an LSTM over some columns and a wide path beside it, three heads a horizon.

#[cfg(test)]
mod tests;

use burn::module::Module;
use burn::tensor::activation::{gelu, softplus};
use burn::tensor::{Device, Tensor};

use naeil_domain::Horizon;

use crate::cell::{LstmLayer, last_hidden};
use crate::dense::{Dense, Norm};
use crate::network_config::NetworkConfig;
use crate::weights::Weights;

/// The network with its weights on a device.
///
/// The fields' order is that of the weights' layout: what visits the parameters meets them in it.
#[derive(Module, Debug)]
pub(crate) struct LstmNetwork {
    lstm: Vec<LstmLayer>,
    norm: Norm,
    wide: Dense,
    relative: Dense,
    direction: Dense,
    quantile_wide: Dense,
    quantile: Dense,
}

/// The factors of dropout: 0 or `1 / (1 - dropout)`.
///
/// # Shapes
/// - `hidden`: `[batch_size, hidden_size]`
/// - `wide`: `[batch_size, wide_size]`
pub(crate) struct DropoutMasks {
    pub(crate) hidden: Tensor<2>,
    pub(crate) wide: Tensor<2>,
}

/// What the network computes.
pub(crate) struct Outputs {
    /// `[batch_size, horizon]`, logits.
    pub(crate) relative: Tensor<2>,
    /// `[batch_size, horizon]`, logits.
    pub(crate) direction: Tensor<2>,
    /// The returns' quantiles over the return scale, one `[batch_size, horizon]` for each level,
    /// ascending.
    pub(crate) quantiles: [Tensor<2>; 5],
}

impl LstmNetwork {
    /// Puts the weights on a device.
    pub(crate) fn from_weights(
        network: &NetworkConfig,
        weights: &Weights,
        device: &Device,
    ) -> Self {
        let find = |name: &str| weights.tensor(name);
        Self {
            lstm: (0..network.n_layers)
                .map(|layer| LstmLayer::new(find, layer, device))
                .collect(),
            norm: Norm::new(find, "norm", device),
            wide: Dense::new(find, "wide", device),
            relative: Dense::new(find, "relative", device),
            direction: Dense::new(find, "direction", device),
            quantile_wide: Dense::new(find, "quantile_wide", device),
            quantile: Dense::new(find, "quantile", device),
        }
    }

    /// Computes every output for every window. Without masks nothing is dropped.
    ///
    /// The quantiles have a wide path of their own: their loss does not reach what the other two
    /// heads share.
    ///
    /// # Shapes
    /// - `windows`: `[batch_size, seq_length, sequence columns]`, scaled
    /// - `columns`: `[batch_size, n_columns]`, scaled, the as-of session
    pub(crate) fn forward(
        &self,
        windows: Tensor<3>,
        columns: Tensor<2>,
        masks: Option<DropoutMasks>,
    ) -> Outputs {
        let mut hidden = self.norm.forward(last_hidden(&self.lstm, windows));
        let mut wide = gelu(self.wide.forward(columns.clone()));
        if let Some(masks) = masks {
            hidden = hidden * masks.hidden;
            wide = wide * masks.wide;
        }
        let joined = Tensor::cat(vec![hidden, wide], 1);
        let steps = self
            .quantile
            .forward(gelu(self.quantile_wide.forward(columns)));
        Outputs {
            relative: self.relative.forward(joined.clone()),
            direction: self.direction.forward(joined),
            quantiles: ascending(steps),
        }
    }
}

/// Quantiles that cannot cross: the median, and from it steps down and up that are never negative.
///
/// # Shapes
/// - `steps`: `[batch_size, 15]`: the medians of the three horizons, then their steps from 50 to
///   25 %, from 25 to 5 %, from 50 to 75 % and from 75 to 95 %, before the softplus
fn ascending(steps: Tensor<2>) -> [Tensor<2>; 5] {
    let part = |idx: usize| {
        steps
            .clone()
            .narrow(1, idx * Horizon::COUNT, Horizon::COUNT)
    };
    let step = |idx: usize| softplus(part(idx), 1.0);
    let median = part(0);
    let lower = median.clone() - step(1);
    let lowest = lower.clone() - step(2);
    let upper = median.clone() + step(3);
    let uppermost = upper.clone() + step(4);
    [lowest, lower, median, upper, uppermost]
}
