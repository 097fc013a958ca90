//! What every handler may reach.

use std::sync::Arc;

use naeil_domain::ports::Clock;
use naeil_serving::PredictionService;
use prometheus_client::registry::Registry;

use crate::auth::TokenVerifier;
use crate::metrics::ApiMetrics;

/// The parts that routes work with; cheap to clone.
#[derive(Clone)]
pub struct ApiState {
    service: Arc<PredictionService>,
    verifier: Arc<TokenVerifier>,
    metrics: ApiMetrics,
    registry: Arc<Registry>,
    clock: Arc<dyn Clock>,
}

impl ApiState {
    /// Puts the parts together. `registry` is what `/metrics` prints; `metrics` must be registered
    /// with it.
    pub fn new(
        service: Arc<PredictionService>,
        verifier: TokenVerifier,
        metrics: ApiMetrics,
        registry: Arc<Registry>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            service,
            verifier: Arc::new(verifier),
            metrics,
            registry,
            clock,
        }
    }

    pub(crate) fn service(&self) -> &PredictionService {
        &self.service
    }

    pub(crate) fn verifier(&self) -> &TokenVerifier {
        &self.verifier
    }

    pub(crate) fn metrics(&self) -> &ApiMetrics {
        &self.metrics
    }

    pub(crate) fn registry(&self) -> &Registry {
        &self.registry
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        self.clock.as_ref()
    }
}

impl std::fmt::Debug for ApiState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ApiState").finish_non_exhaustive()
    }
}
