//! Weights as a safetensors file, with PyTorch's names.

use safetensors::tensor::{Dtype, SafeTensors, TensorView};

use crate::error::ModelError;
use crate::network_config::NetworkConfig;
use crate::weights::{NamedTensor, Weights, layout};

/// More members than this only cost time: a file may not ask for unbounded memory.
pub(crate) const MAX_MEMBERS: usize = 64;

/// Writes the members of a model as the bytes of a safetensors file: every tensor of the first under
/// `members.0.`, of the second under `members.1.`, and so on.
pub(crate) fn to_bytes(members: &[Weights]) -> Result<Vec<u8>, ModelError> {
    let tensors: Vec<(String, &NamedTensor, Vec<u8>)> = (members.iter().enumerate())
        .flat_map(|(idx, member)| member.tensors().iter().map(move |tensor| (idx, tensor)))
        .map(|(idx, tensor)| {
            (
                member_name(idx, &tensor.name),
                tensor,
                f32_bytes(&tensor.values),
            )
        })
        .collect();
    let mut views = Vec::with_capacity(tensors.len());
    for (name, tensor, bytes) in &tensors {
        let view = TensorView::new(Dtype::F32, tensor.shape.clone(), bytes)
            .map_err(|error| unreadable(&error))?;
        views.push((name, view));
    }
    safetensors::serialize(views, None).map_err(|error| unreadable(&error))
}

/// Reads the members of a model from the bytes of a file that holds them and nothing else.
///
/// # Errors
/// [`ModelError::Weights`] if a tensor is missing or unexpected, is not f32, has another shape than
/// `network` says, or holds a value that is not finite.
pub(crate) fn from_bytes(
    bytes: &[u8],
    network: &NetworkConfig,
) -> Result<Vec<Weights>, ModelError> {
    let file = SafeTensors::deserialize(bytes).map_err(|error| unreadable(&error))?;
    let parts = layout(network);
    let n_members = file.len() / parts.len();
    if !(1..=MAX_MEMBERS).contains(&n_members) || file.len() % parts.len() != 0 {
        return Err(ModelError::Weights(format!(
            "{} tensors, there must be {} for each of 1 to {MAX_MEMBERS} members",
            file.len(),
            parts.len()
        )));
    }
    // As many tensors as there must be, and every one that must be is read: none is unexpected.
    (0..n_members)
        .map(|idx| {
            Weights::assemble(network, |part| {
                f32_values(&file, &member_name(idx, &part.name), &part.shape)
            })
        })
        .collect()
}

/// The name of a member's tensor.
fn member_name(idx: usize, name: &str) -> String {
    format!("members.{idx}.{name}")
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
