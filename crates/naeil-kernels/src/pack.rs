//! Weights in the order in which the kernels read them.

use std::sync::Arc;

use crate::aligned::Aligned;
use crate::error::KernelError;

/// Units of a block: what one AVX-512 register holds.
pub(crate) const LANES: usize = 16;

/// Gates of an LSTM: input, forget, cell, output.
pub(crate) const GATES: usize = 4;

/// No layer is wider: buffers stay addressable and a hostile file cannot ask for more.
pub(crate) const MAX_SIZE: usize = 4096;

/// The sizes of a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LstmShape {
    /// Columns of an input, F.
    pub input_size: usize,
    /// Units, H.
    pub hidden_size: usize,
}

/// The weights of a layer as PyTorch lays them out, gates stacked i, f, g, o.
#[derive(Debug, Clone, Copy)]
pub struct LstmWeights<'a> {
    /// `[4H, F]`
    pub weight_ih: &'a [f32],
    /// `[4H, H]`
    pub weight_hh: &'a [f32],
    /// `[4H]`, the sum of PyTorch's two biases.
    pub bias: &'a [f32],
}

/// The weights of a layer, packed.
///
/// # Shapes
/// Blocks of 16 units, the last one filled up with zeros: `[blocks, F + H, 4 gates, 16]` and biases
/// `[blocks, 4 gates, 16]`. A unit that was filled up stays at 0 for ever.
#[derive(Debug, Clone)]
pub struct PackedLstm {
    pub(crate) shape: LstmShape,
    pub(crate) weights: Arc<Aligned>,
    pub(crate) bias: Arc<Aligned>,
}

impl LstmShape {
    /// Blocks of units.
    pub(crate) fn blocks(self) -> usize {
        self.hidden_size.div_ceil(LANES)
    }

    /// Units, filled up to whole blocks.
    pub(crate) fn padded(self) -> usize {
        self.blocks() * LANES
    }

    fn check(self) -> Result<(), KernelError> {
        for (what, found) in [
            ("input_size", self.input_size),
            ("hidden_size", self.hidden_size),
        ] {
            if !(1..=MAX_SIZE).contains(&found) {
                return Err(KernelError::Size {
                    what,
                    found,
                    limit: MAX_SIZE,
                });
            }
        }
        Ok(())
    }
}

pub(crate) fn check_length(
    what: &'static str,
    values: &[f32],
    expected: usize,
) -> Result<(), KernelError> {
    if values.len() == expected {
        return Ok(());
    }
    Err(KernelError::Length {
        what,
        expected,
        found: values.len(),
    })
}

impl PackedLstm {
    /// Packs the weights of a layer.
    ///
    /// # Errors
    /// [`KernelError`] if a size is out of range or a slice has another length.
    pub fn pack(shape: LstmShape, weights: &LstmWeights<'_>) -> Result<Self, KernelError> {
        shape.check()?;
        let LstmShape {
            input_size,
            hidden_size,
        } = shape;
        let rows = GATES * hidden_size;
        check_length("weight_ih", weights.weight_ih, rows * input_size)?;
        check_length("weight_hh", weights.weight_hh, rows * hidden_size)?;
        check_length("bias", weights.bias, rows)?;
        let n_inputs = input_size + hidden_size;
        let mut packed = Aligned::zeros(shape.blocks() * n_inputs * GATES * LANES);
        let mut bias = Aligned::zeros(shape.blocks() * GATES * LANES);
        for unit in 0..hidden_size {
            let (block, lane) = (unit / LANES, unit % LANES);
            for gate in 0..GATES {
                let row = gate * hidden_size + unit;
                bias[(block * GATES + gate) * LANES + lane] = weights.bias[row];
                for k in 0..n_inputs {
                    let at = ((block * n_inputs + k) * GATES + gate) * LANES + lane;
                    packed[at] = match k.checked_sub(input_size) {
                        None => weights.weight_ih[row * input_size + k],
                        Some(k) => weights.weight_hh[row * hidden_size + k],
                    };
                }
            }
        }
        Ok(Self {
            shape,
            weights: Arc::new(packed),
            bias: Arc::new(bias),
        })
    }

    /// Values of a block's weights.
    pub(crate) fn block_len(&self) -> usize {
        (self.shape.input_size + self.shape.hidden_size) * GATES * LANES
    }

    /// The sizes of the layer.
    pub fn shape(&self) -> LstmShape {
        self.shape
    }
}
