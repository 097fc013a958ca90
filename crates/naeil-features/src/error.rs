//! What can go wrong before a model sees a number.

use naeil_domain::Session;

/// An error of the feature pipeline, by what the caller can do about it.
#[derive(Debug, thiserror::Error)]
pub enum FeatureError {
    /// The text is not the JSON of a feature spec.
    #[error("the feature spec cannot be read: {source}")]
    SpecUnreadable {
        /// Where and why the parser stopped.
        #[source]
        source: serde_json::Error,
    },
    /// The spec is of a version whose indicators this build does not define.
    #[error("feature spec version {found} is unknown, this build computes version {supported}")]
    SpecVersion {
        /// The version asked for.
        found: u32,
        /// The version this build computes.
        supported: u32,
    },
    /// The spec can be read but cannot be computed.
    #[error("the feature spec is invalid: {problem}")]
    SpecInvalid {
        /// What is wrong, naming the column or setting.
        problem: String,
    },
    /// There is not one session or not one stock to compute.
    #[error("no bars to compute features from: {sessions} sessions, {stocks} stocks")]
    EmptyPanel {
        /// Sessions of the panel.
        sessions: usize,
        /// Stocks of the panel.
        stocks: usize,
    },
    /// The history is too short for the split; ask for smaller parts or import more sessions.
    #[error("{found} sessions are too few for this split, it needs at least {needed}")]
    TooFewSessions {
        /// Sessions needed for the parts, the purges and one session of training.
        needed: usize,
        /// Sessions there are.
        found: usize,
    },
    /// The split would let a label reach into the next part, or has an empty part.
    #[error("the split is invalid: {problem}")]
    SplitInvalid {
        /// What is wrong and what would be right.
        problem: String,
    },
    /// No stock has a usable row in the sessions the scaler should be fitted on.
    #[error("no usable feature row in sessions {from}..{to} to fit the scaler on")]
    NoTrainingRows {
        /// First session index asked for.
        from: usize,
        /// One past the last session index asked for.
        to: usize,
    },
    /// The parts do not make a scaler.
    #[error("the scaler is invalid: {problem}")]
    ScalerInvalid {
        /// What is wrong, naming the column.
        problem: String,
    },
    /// A stream of sessions was given one that it has passed; start a new stream from the bars.
    #[error("session {found} is not after {newest}, the newest one of the stream")]
    SessionNotAfter {
        /// The session given.
        found: Session,
        /// The newest session the stream knows.
        newest: Session,
    },
}
