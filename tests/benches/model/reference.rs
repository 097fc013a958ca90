//! The reference LSTM (24 columns, hidden 128, 60 steps) over the kernels.

use anyhow::Context as _;
use naeil_kernels::{Execution, LstmShape, LstmWeights, Output, PackedLstm, forward};
use naeil_tests::dev_data::dev_data;
use safetensors::SafeTensors;

/// Its weights, packed, and its windows.
pub(crate) struct Reference {
    pub(crate) lstm: PackedLstm,
    pub(crate) n_steps: usize,
    dense: Vec<f32>,
    bias: f32,
    windows: Vec<f32>,
}

impl Reference {
    /// Reads it; `None`, with the reason printed, where it is not there.
    pub(crate) fn read() -> anyhow::Result<Option<Self>> {
        let Some(path) = dev_data("peer-lstm/lstm_f24.safetensors") else {
            return Ok(None);
        };
        let bytes = std::fs::read(path)?;
        let file = SafeTensors::deserialize(&bytes)?;
        let of = |name: &str| -> anyhow::Result<(Vec<f32>, Vec<usize>)> {
            let view = file.tensor(name).with_context(|| name.to_owned())?;
            let (values, _) = view.data().as_chunks::<4>();
            let values = values.iter().map(|bytes| f32::from_le_bytes(*bytes));
            Ok((values.collect(), view.shape().to_vec()))
        };
        let (weight_ih, _) = of("lstm.weight_ih")?;
        let (weight_hh, shape) = of("lstm.weight_hh")?;
        let (bias_ih, bias_hh) = (of("lstm.bias_ih")?.0, of("lstm.bias_hh")?.0);
        let bias: Vec<f32> = bias_ih.iter().zip(&bias_hh).map(|(a, b)| a + b).collect();
        let (windows, dims) = of("x")?;
        let shape = LstmShape {
            input_size: dims[2],
            hidden_size: shape[1],
        };
        let weights = LstmWeights {
            weight_ih: &weight_ih,
            weight_hh: &weight_hh,
            bias: &bias,
        };
        Ok(Some(Self {
            lstm: PackedLstm::pack(shape, &weights)?,
            n_steps: dims[1],
            dense: of("dense.weight")?.0,
            bias: of("dense.bias")?.0[0],
            windows,
        }))
    }

    /// `n` windows, those of the file over and over.
    pub(crate) fn batch(&self, n: usize) -> Vec<f32> {
        let len = n * self.n_steps * self.lstm.shape().input_size;
        self.windows.iter().copied().cycle().take(len).collect()
    }

    /// The output of every window, into `out`; `hidden` is room for the last states.
    pub(crate) fn answer(
        &self,
        execution: Execution,
        windows: &[f32],
        hidden: &mut Vec<f32>,
        out: &mut Vec<f32>,
    ) -> anyhow::Result<()> {
        let h = self.lstm.shape().hidden_size;
        let n = windows.len() / (self.n_steps * self.lstm.shape().input_size);
        hidden.resize(n * h, 0.0);
        forward(
            execution,
            &self.lstm,
            windows,
            self.n_steps,
            Output::Last,
            hidden,
        )?;
        out.clear();
        out.extend(hidden.chunks_exact(h).map(|state| {
            let products = state.iter().zip(&self.dense).map(|(a, b)| a * b);
            1.0 / (1.0 + (-(products.sum::<f32>() + self.bias)).exp())
        }));
        Ok(())
    }

    /// Multiplications and additions of one window.
    pub(crate) fn flops(&self) -> f64 {
        let LstmShape {
            input_size,
            hidden_size,
        } = self.lstm.shape();
        (2 * self.n_steps * 4 * hidden_size * (input_size + hidden_size)) as f64
    }
}
