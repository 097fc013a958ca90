//! What can go wrong: for whoever asks, and for whoever keeps the service running.

use naeil_domain::ports::{ForecastError, LoadError, RegistryError, StoreError};
use naeil_domain::{CalendarError, StockCode};
use naeil_features::FeatureError;

use crate::config::InvalidServiceConfig;

/// Why there is no prediction; told to the caller.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum PredictError {
    /// No stock of the market has this code.
    #[error("no stock has the code {code}")]
    UnknownStock {
        /// The code asked about.
        code: StockCode,
    },
    /// The stock has no valid window of features at the as-of session.
    #[error("cannot generate prediction: {reason}")]
    NotEnoughHistory {
        /// The code asked about.
        code: StockCode,
        /// Why, in a sentence for people.
        reason: String,
    },
    /// No champion is loaded, or there are no bars to ask it about.
    #[error("no model is serving yet")]
    NoModel,
    /// Too many requests wait for the model; try again in a moment.
    #[error("too many requests are waiting for the model")]
    Overloaded,
    /// The answer did not come in time; try again in a moment.
    #[error("the prediction took longer than allowed")]
    DeadlineExceeded,
    /// The trading calendar does not know the dates needed.
    #[error(transparent)]
    Calendar(#[from] CalendarError),
    /// A defect of ours; it has been logged where it happened.
    #[error("the prediction failed inside the service")]
    Internal,
}

impl PredictError {
    /// A stable word, from a closed set.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnknownStock { .. } => "unknown_stock",
            Self::NotEnoughHistory { .. } => "not_enough_history",
            Self::NoModel => "no_model",
            Self::Overloaded => "overloaded",
            Self::DeadlineExceeded => "deadline_exceeded",
            Self::Calendar(_) => "calendar",
            Self::Internal => "internal",
        }
    }
}

/// Why the model gave no forecast.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum InferenceError {
    /// The queue is full.
    #[error("too many requests wait for the model")]
    QueueFull,
    /// The model's thread has ended.
    #[error("the model's thread has ended")]
    ThreadEnded,
    /// The model panicked; it goes on serving.
    #[error("the model panicked: {0}")]
    Panicked(String),
    /// The model refused the windows or gave something that is no probability.
    #[error(transparent)]
    Failed(#[from] ForecastError),
}

/// Why the service did not start, or did not take up a new champion or new bars; for operators.
#[derive(Debug, thiserror::Error)]
pub enum ServingError {
    /// A setting makes no sense.
    #[error(transparent)]
    Config(#[from] InvalidServiceConfig),
    /// The registry did not say which version is champion, or did not hand its bundle over.
    #[error("cannot get the champion from the registry")]
    Registry(#[from] RegistryError),
    /// The champion's bundle was not admitted.
    #[error("the bundle of champion version {version} was not admitted")]
    ChampionRefused {
        /// The version.
        version: String,
        /// Why.
        #[source]
        source: LoadError,
    },
    /// The bundle is sound, but this program cannot serve it.
    #[error("champion version {version} does not fit this program: {why}")]
    ChampionUnfit {
        /// The version.
        version: String,
        /// What does not fit, and what to do.
        why: String,
    },
    /// Bars could not be read.
    #[error("cannot read the bars of the market")]
    Bars(#[from] StoreError),
    /// Bars changed each time they were read, as during an import; try again later.
    #[error("the bars changed in each of {attempts} readings, an import may be running")]
    BarsMoving {
        /// How often they were read.
        attempts: usize,
    },
    /// The feature panel could not be computed.
    #[error("cannot compute the features of the market")]
    Features(#[from] FeatureError),
    /// The model did not get through a pass over the whole market.
    #[error("the model failed on the market as a whole")]
    MarketPass(#[from] InferenceError),
    /// The system gave no thread for the model.
    #[error("cannot start the model's thread")]
    ModelThread(#[source] std::io::Error),
    /// Computing ended before its time.
    #[error("computing was interrupted")]
    Interrupted(#[from] tokio::task::JoinError),
}
