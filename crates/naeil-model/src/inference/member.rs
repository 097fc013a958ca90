//! One network of an ensemble, packed for inference.

use naeil_domain::Horizon;
use naeil_domain::forecast::{HorizonForecast, QUANTILE_LEVELS};
use naeil_domain::ports::WindowBatch;
use naeil_kernels::{
    Execution, KernelError, LstmShape, LstmWeights, Output, PackedLinear, PackedLstm, forward,
    gelu, layer_norm, softplus,
};

use crate::error::ModelError;
use crate::network_config::NetworkConfig;
use crate::weights::Weights;

/// A network's weights in the order in which the kernels read them.
///
/// Layers with the same input are one: both wide paths, and the heads of relative and direction.
#[derive(Debug, Clone)]
pub(super) struct Member {
    lstm: Vec<PackedLstm>,
    norm_weight: Vec<f32>,
    norm_bias: Vec<f32>,
    /// `[wide_size + quantile_size]` of the columns.
    wide: PackedLinear,
    /// Relative, then direction, per horizon.
    heads: PackedLinear,
    quantile: PackedLinear,
    return_scale: [f32; Horizon::COUNT],
    hidden_size: usize,
    wide_size: usize,
}

/// Buffers that are used again from chunk to chunk.
#[derive(Debug, Clone)]
pub(super) struct Scratch {
    /// The chunk's windows, to be scaled.
    pub(super) windows: WindowBatch,
    /// Hidden states that one layer leaves for the next.
    below: Vec<f32>,
    above: Vec<f32>,
    /// The last states of the chunk's windows.
    hidden: Vec<f32>,
    /// One window's normalised state and both wide paths, side by side.
    joined: Vec<f32>,
}

impl Scratch {
    /// Without room yet.
    pub(super) const EMPTY: Self = Self {
        windows: WindowBatch {
            n_windows: 0,
            sequence: Vec::new(),
            wide: Vec::new(),
        },
        below: Vec::new(),
        above: Vec::new(),
        hidden: Vec::new(),
        joined: Vec::new(),
    };

    /// Copies a chunk of windows in.
    pub(super) fn fill(&mut self, sequence: &[f32], wide: &[f32]) {
        self.windows.sequence.clear();
        self.windows.sequence.extend_from_slice(sequence);
        self.windows.wide.clear();
        self.windows.wide.extend_from_slice(wide);
    }
}

impl Member {
    /// Packs a network.
    ///
    /// # Errors
    /// [`ModelError::Weights`] if a layer is too large for the kernels.
    pub(super) fn pack(weights: &Weights, network: &NetworkConfig) -> Result<Self, ModelError> {
        Self::pack_layers(weights, network).map_err(|error| ModelError::Weights(error.to_string()))
    }

    fn pack_layers(weights: &Weights, network: &NetworkConfig) -> Result<Self, KernelError> {
        let hidden_size = network.hidden_size;
        let layer = |idx: usize| {
            let of = |name: &str| weights.values(&format!("lstm.{name}_l{idx}"));
            let biases = of("bias_ih").iter().zip(of("bias_hh"));
            let bias: Vec<f32> = biases.map(|(a, b)| a + b).collect();
            let input_size = match idx {
                0 => network.sequence_columns.len(),
                _ => hidden_size,
            };
            PackedLstm::pack(
                LstmShape {
                    input_size,
                    hidden_size,
                },
                &LstmWeights {
                    weight_ih: of("weight_ih"),
                    weight_hh: of("weight_hh"),
                    bias: &bias,
                },
            )
        };
        let stacked = |n_inputs: usize, names: &[&str]| {
            let all = |part: &str| {
                let names = names.iter();
                names
                    .flat_map(|name| weights.values(&format!("{name}.{part}")))
                    .copied()
                    .collect::<Vec<f32>>()
            };
            PackedLinear::pack(n_inputs, &all("weight"), &all("bias"))
        };
        Ok(Self {
            lstm: (0..network.n_layers).map(layer).collect::<Result<_, _>>()?,
            norm_weight: weights.values("norm.weight").to_vec(),
            norm_bias: weights.values("norm.bias").to_vec(),
            wide: stacked(network.n_columns, &["wide", "quantile_wide"])?,
            heads: stacked(hidden_size + network.wide_size, &["relative", "direction"])?,
            quantile: stacked(network.quantile_size, &["quantile"])?,
            return_scale: weights.return_scale(),
            hidden_size,
            wide_size: network.wide_size,
        })
    }

    /// Adds the network's outputs for the scaled chunk in `scratch` to `totals`, one row a window.
    ///
    /// # Errors
    /// [`KernelError`] if the sizes do not fit, which callers have checked.
    pub(super) fn add_outputs(
        &self,
        execution: Execution,
        scratch: &mut Scratch,
        seq_length: usize,
        totals: &mut [[HorizonForecast; Horizon::COUNT]],
    ) -> Result<(), KernelError> {
        self.last_hidden(execution, scratch, seq_length, totals.len())?;
        let n_columns = scratch.windows.wide.len() / totals.len();
        let (hidden_size, joined_size) = (self.hidden_size, self.hidden_size + self.wide_size);
        (scratch.joined).resize(hidden_size + self.wide.n_outputs(), 0.0);
        let states = scratch.hidden.chunks_exact(hidden_size);
        let columns = scratch.windows.wide.chunks_exact(n_columns);
        for (total, (state, columns)) in totals.iter_mut().zip(states.zip(columns)) {
            let (normalised, wide) = scratch.joined.split_at_mut(hidden_size);
            normalised.copy_from_slice(state);
            layer_norm(normalised, &self.norm_weight, &self.norm_bias);
            self.wide.forward(columns, wide);
            gelu(wide);
            let mut heads = [0.0; 2 * Horizon::COUNT];
            self.heads
                .forward(&scratch.joined[..joined_size], &mut heads);
            let mut steps = [0.0; QUANTILE_LEVELS.len() * Horizon::COUNT];
            self.quantile
                .forward(&scratch.joined[joined_size..], &mut steps);
            self.add(&heads, &steps, total);
        }
        Ok(())
    }

    /// Fills `scratch.hidden` with every window's last state of the topmost layer.
    fn last_hidden(
        &self,
        execution: Execution,
        scratch: &mut Scratch,
        seq_length: usize,
        n_windows: usize,
    ) -> Result<(), KernelError> {
        let Some((top, lower)) = self.lstm.split_last() else {
            return Ok(());
        };
        for (idx, layer) in lower.iter().enumerate() {
            let states = n_windows * seq_length * self.hidden_size;
            scratch.above.resize(states, 0.0);
            let input = match idx {
                0 => &scratch.windows.sequence,
                _ => &scratch.below,
            };
            forward(
                execution,
                layer,
                input,
                seq_length,
                Output::Every,
                &mut scratch.above,
            )?;
            std::mem::swap(&mut scratch.above, &mut scratch.below);
        }
        let input = match lower.len() {
            0 => &scratch.windows.sequence,
            _ => &scratch.below,
        };
        scratch.hidden.resize(n_windows * self.hidden_size, 0.0);
        forward(
            execution,
            top,
            input,
            seq_length,
            Output::Last,
            &mut scratch.hidden,
        )
    }

    /// Adds one window's outputs: logits, and quantiles that cannot cross, the median first and from
    /// it steps down and up that are never negative.
    fn add(
        &self,
        heads: &[f32; 2 * Horizon::COUNT],
        steps: &[f32; QUANTILE_LEVELS.len() * Horizon::COUNT],
        total: &mut [HorizonForecast; Horizon::COUNT],
    ) {
        for (idx, forecast) in total.iter_mut().enumerate() {
            forecast.relative += f64::from(heads[idx]);
            forecast.direction += f64::from(heads[Horizon::COUNT + idx]);
            let output = |part: usize| steps[part * Horizon::COUNT + idx];
            let median = output(0);
            let lower = median - softplus(output(1));
            let upper = median + softplus(output(3));
            let ascending = [
                lower - softplus(output(2)),
                lower,
                median,
                upper,
                upper + softplus(output(4)),
            ];
            let scale = f64::from(self.return_scale[idx]);
            for (total, value) in forecast.quantiles.iter_mut().flatten().zip(ascending) {
                *total += f64::from(value) * scale;
            }
        }
    }
}
