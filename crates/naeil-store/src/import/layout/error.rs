//! What may be wrong with a layout.

/// A layout that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LayoutError {
    /// A value that every bar needs comes from nowhere.
    #[error("the layout does not say where the {value} stands: {remedy}")]
    NoPlace {
        /// The value.
        value: &'static str,
        /// What to write.
        remedy: String,
    },
    /// Two settings contradict each other.
    #[error("the layout sets both {first} and {second}, keep one")]
    Contradiction {
        /// One key.
        first: &'static str,
        /// The other.
        second: &'static str,
    },
    /// A setting that makes no sense.
    #[error("{key} of the layout is '{value}', {expected}")]
    Invalid {
        /// The key.
        key: &'static str,
        /// What it is.
        value: String,
        /// What it must be.
        expected: &'static str,
    },
    /// The file is not called what the layout says.
    #[error(
        "the name of {file} does not say its {values}: the layout expects names such as {pattern}{remedy}"
    )]
    FileName {
        /// The file.
        file: String,
        /// What the name should tell.
        values: String,
        /// The pattern.
        pattern: String,
        /// "; or say ..." or nothing.
        remedy: &'static str,
    },
}
