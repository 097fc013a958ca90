//! Where the network computes: the one place that names a burn backend.

use burn::tensor::Device;

/// The device of the backend chosen by cargo features: `flex` unless `ndarray` is on.
pub(crate) fn inference_device() -> Device {
    #[cfg(feature = "ndarray")]
    {
        #[expect(
            deprecated,
            reason = "the ndarray backend is offered for as long as upstream ships it"
        )]
        Device::ndarray()
    }
    #[cfg(not(feature = "ndarray"))]
    Device::flex()
}

/// The same device, recording operations for back-propagation.
pub(crate) fn training_device() -> Device {
    inference_device().autodiff()
}
