//! Where the network computes: the one place that names a burn backend.

use burn::tensor::Device;

/// The device of the backend that cargo features choose.
#[cfg(not(feature = "ndarray"))]
pub(crate) fn inference_device() -> Device {
    Device::flex()
}

/// The device of the backend that cargo features choose.
#[cfg(feature = "ndarray")]
#[expect(
    deprecated,
    reason = "the ndarray backend is offered for as long as upstream ships it"
)]
pub(crate) fn inference_device() -> Device {
    Device::ndarray()
}

/// The same device, recording operations for back-propagation.
pub(crate) fn training_device() -> Device {
    inference_device().autodiff()
}
