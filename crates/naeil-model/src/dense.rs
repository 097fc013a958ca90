//! Small layers of burn's tensor operations, and parameters from plain numbers.

use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor, TensorData};

use crate::weights::NamedTensor;

/// Added to a variance before its root is taken, PyTorch's.
pub(crate) const NORM_EPSILON: f64 = 1e-5;

/// `y = x W^T + b`, with PyTorch's layout of W.
#[derive(Module, Debug)]
pub(crate) struct Dense {
    weight: Param<Tensor<2>>,
    bias: Param<Tensor<1>>,
}

impl Dense {
    /// Puts the layer of this name on `device`: `find` gives the tensor of a name.
    pub(crate) fn new<'w>(
        find: impl Fn(&str) -> &'w NamedTensor,
        name: &str,
        device: &Device,
    ) -> Self {
        Self {
            weight: matrix(find(&format!("{name}.weight")), device),
            bias: vector(find(&format!("{name}.bias")), device),
        }
    }

    /// # Shapes
    /// - `input`: `[batch_size, n_inputs]`
    /// - returns: `[batch_size, n_outputs]`
    pub(crate) fn forward(&self, input: Tensor<2>) -> Tensor<2> {
        input.matmul(self.weight.val().transpose()) + self.bias.val().unsqueeze::<2>()
    }
}

/// Standardises every row, then scales and shifts each column.
///
/// # Source
/// Ba, Kiros and Hinton (2016), Layer Normalization.
#[derive(Module, Debug)]
pub(crate) struct Norm {
    weight: Param<Tensor<1>>,
    bias: Param<Tensor<1>>,
}

impl Norm {
    /// Puts the layer of this name on `device`: `find` gives the tensor of a name.
    pub(crate) fn new<'w>(
        find: impl Fn(&str) -> &'w NamedTensor,
        name: &str,
        device: &Device,
    ) -> Self {
        Self {
            weight: vector(find(&format!("{name}.weight")), device),
            bias: vector(find(&format!("{name}.bias")), device),
        }
    }

    /// # Shapes
    /// `[batch_size, n_columns]`, in and out
    pub(crate) fn forward(&self, input: Tensor<2>) -> Tensor<2> {
        let centred = input.clone() - input.mean_dim(1);
        let variance = centred.clone().square().mean_dim(1);
        let standardised = centred / variance.add_scalar(NORM_EPSILON).sqrt();
        standardised * self.weight.val().unsqueeze::<2>() + self.bias.val().unsqueeze::<2>()
    }
}

/// A parameter of two dimensions.
pub(crate) fn matrix(tensor: &NamedTensor, device: &Device) -> Param<Tensor<2>> {
    Param::from_data(
        TensorData::new(tensor.values.clone(), tensor.shape.clone()),
        device,
    )
}

/// A parameter of one dimension.
pub(crate) fn vector(tensor: &NamedTensor, device: &Device) -> Param<Tensor<1>> {
    Param::from_data(
        TensorData::new(tensor.values.clone(), tensor.shape.clone()),
        device,
    )
}

/// The numbers of a tensor, row-major.
pub(crate) fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor
        .into_data()
        .try_into_vec::<f32>()
        .expect("the network computes in f32")
}
