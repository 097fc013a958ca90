//! Which tensors a network has.

use naeil_domain::Horizon;
use naeil_domain::forecast::QUANTILE_LEVELS;

use super::{GATES, RETURN_SCALE};
use crate::network_config::NetworkConfig;

/// Half-width of the output layers' first weights.
const OUTPUT_RANGE: f32 = 0.01;

/// A tensor of a network.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TensorLayout {
    /// Its name, as PyTorch's modules would give it.
    pub(crate) name: String,
    /// Its sizes.
    pub(crate) shape: Vec<usize>,
    /// How it starts.
    pub(super) start: Start,
}

/// What a tensor holds before training.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Start {
    /// Values between minus this and this.
    Uniform(f32),
    /// The same, those of the forget gate raised by one.
    RaisedForget(f32),
    /// One value.
    Constant(f32),
    /// What the training data say.
    ReturnScale,
}

/// Quantile outputs of a network: for each horizon the median and the steps away from it.
pub(crate) const QUANTILE_OUTPUTS: usize = Horizon::COUNT * QUANTILE_LEVELS.len();

/// The tensors of a network, in the order in which they are drawn, trained and stored.
///
/// # Shapes
/// With F sequence columns, C columns, H, W and Q units, 3 horizons, gates stacked i, f, g, o:
///
/// | name | shape |
/// |---|---|
/// | `lstm.weight_ih_l0` | `[4H, F]` (`[4H, H]` in the layers above) |
/// | `lstm.weight_hh_l0` | `[4H, H]` |
/// | `lstm.bias_ih_l0`, `lstm.bias_hh_l0` | `[4H]` |
/// | `norm.weight`, `norm.bias` | `[H]` |
/// | `wide.weight`, `wide.bias` | `[W, C]`, `[W]` |
/// | `relative.weight`, `relative.bias` | `[3, H + W]`, `[3]` |
/// | `direction.weight`, `direction.bias` | `[3, H + W]`, `[3]` |
/// | `quantile_wide.weight`, `quantile_wide.bias` | `[Q, C]`, `[Q]` |
/// | `quantile.weight`, `quantile.bias` | `[15, Q]`, `[15]` |
/// | `return_scale` | `[3]` |
pub(crate) fn layout(network: &NetworkConfig) -> Vec<TensorLayout> {
    let hidden_size = network.hidden_size;
    let mut tensors = Vec::new();
    let mut tensor = |name: String, shape: &[usize], start: Start| {
        tensors.push(TensorLayout {
            name,
            shape: shape.to_vec(),
            start,
        });
    };
    let range = |n_inputs: usize| 1.0 / (n_inputs as f32).sqrt();
    let (gate_rows, of_hidden) = (GATES * hidden_size, Start::Uniform(range(hidden_size)));
    for layer in 0..network.n_layers {
        let n_inputs = match layer {
            0 => network.sequence_columns.len(),
            _ => hidden_size,
        };
        tensor(
            format!("lstm.weight_ih_l{layer}"),
            &[gate_rows, n_inputs],
            of_hidden,
        );
        tensor(
            format!("lstm.weight_hh_l{layer}"),
            &[gate_rows, hidden_size],
            of_hidden,
        );
        let raised = Start::RaisedForget(range(hidden_size));
        tensor(format!("lstm.bias_ih_l{layer}"), &[gate_rows], raised);
        tensor(format!("lstm.bias_hh_l{layer}"), &[gate_rows], of_hidden);
    }
    tensor(
        "norm.weight".to_owned(),
        &[hidden_size],
        Start::Constant(1.0),
    );
    tensor("norm.bias".to_owned(), &[hidden_size], Start::Constant(0.0));
    let of_columns = Start::Uniform(range(network.n_columns));
    let near_zero = Start::Uniform(OUTPUT_RANGE);
    let joined = hidden_size + network.wide_size;
    let layers = [
        ("wide", network.wide_size, network.n_columns, of_columns),
        ("relative", Horizon::COUNT, joined, near_zero),
        ("direction", Horizon::COUNT, joined, near_zero),
        (
            "quantile_wide",
            network.quantile_size,
            network.n_columns,
            of_columns,
        ),
        (
            "quantile",
            QUANTILE_OUTPUTS,
            network.quantile_size,
            near_zero,
        ),
    ];
    for (name, n_outputs, n_inputs, start) in layers {
        tensor(format!("{name}.weight"), &[n_outputs, n_inputs], start);
        tensor(format!("{name}.bias"), &[n_outputs], Start::Constant(0.0));
    }
    tensor(
        RETURN_SCALE.to_owned(),
        &[Horizon::COUNT],
        Start::ReturnScale,
    );
    tensors
}
