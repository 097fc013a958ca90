//! What is said of the model that serves.

use std::sync::Arc;

use naeil_domain::ports::DataState;
use naeil_domain::{ModelDescription, ModelVersion, Session};

use crate::market::MarketSnapshot;
use crate::state::ServingState;

/// The model that serves, and what it is asked about.
#[derive(Debug, Clone, PartialEq)]
pub struct ServingModel {
    /// The registry's version.
    pub version: ModelVersion,
    /// What its bundle says of it.
    pub description: Arc<ModelDescription>,
    /// The market in memory; `None` while there is not one bar.
    pub market: Option<MarketSummary>,
}

/// The market in memory, in a few figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MarketSummary {
    /// The last session whose bars it holds.
    pub as_of: Session,
    /// The state of the bars it was made of.
    pub data: DataState,
    /// Stocks with a bar in the sessions read.
    pub n_stocks: usize,
    /// Those with enough history to be predicted.
    pub n_predictable: usize,
}

impl ServingModel {
    /// The champion of a state, if it has one.
    pub(crate) fn of(state: &ServingState) -> Option<Self> {
        let champion = state.champion.as_deref()?;
        Some(Self {
            version: champion.version.clone(),
            description: Arc::clone(&champion.description),
            market: state.market.as_deref().map(MarketSummary::of),
        })
    }
}

impl MarketSummary {
    fn of(market: &MarketSnapshot) -> Self {
        Self {
            as_of: market.as_of(),
            data: market.data(),
            n_stocks: market.n_stocks(),
            n_predictable: market.row_markets().len(),
        }
    }
}
