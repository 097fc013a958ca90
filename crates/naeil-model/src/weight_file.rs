//! Weights as a safetensors file, with PyTorch's names.

use safetensors::tensor::{Dtype, SafeTensors, TensorView};

use crate::error::ModelError;
use crate::weights::{GATES, TENSOR_NAMES, Weights};

/// Writes weights as the bytes of a safetensors file.
pub(crate) fn to_bytes(weights: &Weights) -> Result<Vec<u8>, ModelError> {
    let tensors = weights.tensors();
    let bytes: Vec<Vec<u8>> = tensors.iter().map(|t| f32_bytes(t.values)).collect();
    let mut views = Vec::with_capacity(tensors.len());
    for (tensor, bytes) in tensors.iter().zip(&bytes) {
        let view = TensorView::new(Dtype::F32, tensor.shape.clone(), bytes)
            .map_err(|error| unreadable(&error))?;
        views.push((tensor.name, view));
    }
    safetensors::serialize(views, None).map_err(|error| unreadable(&error))
}

/// Reads weights from the bytes of a safetensors file; tensors of other names are ignored.
///
/// # Errors
/// [`ModelError::Weights`] if a tensor is missing, is not f32, or the shapes do not fit together.
pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Weights, ModelError> {
    let file = SafeTensors::deserialize(bytes).map_err(|error| unreadable(&error))?;
    let [rows, hidden_size] = shape(&file, "lstm.weight_hh")?;
    let [_, input_size] = shape(&file, "lstm.weight_ih")?;
    let [n_outputs] = shape(&file, "dense.bias")?;
    if hidden_size == 0 || input_size == 0 || n_outputs == 0 {
        return Err(ModelError::Weights("a tensor is empty".to_owned()));
    }
    if hidden_size.checked_mul(GATES) != Some(rows) {
        return Err(ModelError::Weights(format!(
            "lstm.weight_hh has shape [{rows}, {hidden_size}], its rows must be four times its columns"
        )));
    }
    Ok(Weights {
        input_size,
        hidden_size,
        n_outputs,
        weight_ih: f32_values(&file, "lstm.weight_ih", &[rows, input_size])?,
        weight_hh: f32_values(&file, "lstm.weight_hh", &[rows, hidden_size])?,
        bias_ih: f32_values(&file, "lstm.bias_ih", &[rows])?,
        bias_hh: f32_values(&file, "lstm.bias_hh", &[rows])?,
        dense_weight: f32_values(&file, "dense.weight", &[n_outputs, hidden_size])?,
        dense_bias: f32_values(&file, "dense.bias", &[n_outputs])?,
    })
}

/// Reads weights from a file that must hold them and nothing else.
pub(crate) fn from_bytes_strict(bytes: &[u8]) -> Result<Weights, ModelError> {
    let file = SafeTensors::deserialize(bytes).map_err(|error| unreadable(&error))?;
    if let Some(name) = file
        .names()
        .iter()
        .find(|name| !TENSOR_NAMES.contains(name))
    {
        return Err(ModelError::Weights(format!("unexpected tensor '{name}'")));
    }
    from_bytes(bytes)
}

/// The values of an f32 tensor whose shape is known beforehand.
pub(crate) fn f32_values(
    file: &SafeTensors<'_>,
    name: &str,
    shape: &[usize],
) -> Result<Vec<f32>, ModelError> {
    let view = tensor(file, name)?;
    if view.dtype() != Dtype::F32 {
        return Err(ModelError::Weights(format!(
            "{name} has type {:?}, expected F32",
            view.dtype()
        )));
    }
    check_shape(&view, name, shape)?;
    let (chunks, _) = view.data().as_chunks::<4>();
    Ok(chunks
        .iter()
        .map(|&bytes| f32::from_le_bytes(bytes))
        .collect())
}

/// The values of an f64 tensor whose shape is known beforehand.
pub(crate) fn f64_values(
    file: &SafeTensors<'_>,
    name: &str,
    shape: &[usize],
) -> Result<Vec<f64>, ModelError> {
    let view = tensor(file, name)?;
    if view.dtype() != Dtype::F64 {
        return Err(ModelError::Weights(format!(
            "{name} has type {:?}, expected F64",
            view.dtype()
        )));
    }
    check_shape(&view, name, shape)?;
    let (chunks, _) = view.data().as_chunks::<8>();
    Ok(chunks
        .iter()
        .map(|&bytes| f64::from_le_bytes(bytes))
        .collect())
}

/// Little-endian bytes of f32 values.
pub(crate) fn f32_bytes(values: &[f32]) -> Vec<u8> {
    values
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect()
}

fn tensor<'a>(file: &SafeTensors<'a>, name: &str) -> Result<TensorView<'a>, ModelError> {
    file.tensor(name)
        .map_err(|_| ModelError::Weights(format!("tensor '{name}' is missing")))
}

fn shape<const D: usize>(file: &SafeTensors<'_>, name: &str) -> Result<[usize; D], ModelError> {
    let view = tensor(file, name)?;
    view.shape().try_into().map_err(|_| {
        ModelError::Weights(format!(
            "{name} has shape {:?}, expected {D} dimensions",
            view.shape()
        ))
    })
}

fn check_shape(view: &TensorView<'_>, name: &str, expected: &[usize]) -> Result<(), ModelError> {
    if view.shape() == expected {
        return Ok(());
    }
    Err(ModelError::Weights(format!(
        "{name} has shape {:?}, expected {expected:?}",
        view.shape()
    )))
}

fn unreadable(error: &safetensors::SafeTensorError) -> ModelError {
    ModelError::Weights(format!("not a readable safetensors file: {error}"))
}
