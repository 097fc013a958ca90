//! What can be wrong with arguments.

/// The arguments of a kernel contradict each other; nothing was computed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KernelError {
    /// A slice has another length than the shapes say.
    #[error("{what} holds {found} values, the shapes say {expected}")]
    Length {
        /// The argument.
        what: &'static str,
        /// What the shapes say.
        expected: usize,
        /// What it holds.
        found: usize,
    },
    /// A size is 0 or so large that buffers cannot be addressed.
    #[error("{what} is {found}, it has to be between 1 and {limit}")]
    Size {
        /// The size.
        what: &'static str,
        /// What it is.
        found: usize,
        /// The largest allowed.
        limit: usize,
    },
    /// The instructions asked for are not those of this processor.
    #[error("this processor has no {0}")]
    InstructionsMissing(&'static str),
}
