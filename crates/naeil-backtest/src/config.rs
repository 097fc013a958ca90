//! What is evaluated, and how.

use naeil_baselines::BoostingConfig;
use naeil_domain::{Digest, Horizon};
use naeil_evaluation::Bootstrap;
use naeil_model::{NetworkConfig, TrainingConfig};
use serde_json::json;

use crate::error::BacktestError;
use crate::plan::EvaluationPlan;
use crate::rows::Market;

/// Most seeds: more would say nothing that these do not.
const MAX_SEEDS: usize = 50;

/// The settings of an evaluation.
#[derive(Debug, Clone, PartialEq)]
pub struct EvaluationConfig {
    /// Which sessions are for what.
    pub plan: EvaluationPlan,
    /// Seeds of the network, each trained once a fold.
    pub seeds: Vec<u64>,
    /// The network.
    pub network: NetworkConfig,
    /// How it is trained; its seed is replaced by each of [`Self::seeds`].
    pub training: TrainingConfig,
    /// Gradient boosting beside it; none if nothing.
    pub boosting: Option<BoostingConfig>,
    /// Ridge and logistic regression beside it.
    pub linear: bool,
    /// Also trains the first seed anew for each quarter of a test part, and sets it beside the same
    /// seed fitted once.
    pub refit_quarterly: bool,
    /// Cost of buying or of selling, in basis points of what is traded.
    pub one_way_cost_bps: f64,
    /// Samples of the bootstrap.
    pub n_draws: usize,
    /// Checks of the data that failed and were accepted: the report says so.
    pub accepted_checks: Vec<String>,
    /// Names the code: tasks of other code are not taken for one's own.
    pub code_version: String,
}

impl EvaluationConfig {
    /// The seeds of the default evaluation.
    pub const SEEDS: [u64; 5] = [1, 2, 3, 4, 5];

    /// Half of the exchange's tax on sales of 18 basis points in 2024, a commission of 1.5, and half
    /// of a spread of 19 (one tick is 5 to 25): 20 basis points a side.
    pub const ONE_WAY_COST_BPS: f64 = 20.0;

    /// The defaults with this network and training.
    pub fn new(network: NetworkConfig, training: TrainingConfig, code_version: &str) -> Self {
        Self {
            plan: EvaluationPlan::default(),
            seeds: Self::SEEDS.to_vec(),
            network,
            training,
            boosting: Some(BoostingConfig::default()),
            linear: true,
            refit_quarterly: true,
            one_way_cost_bps: Self::ONE_WAY_COST_BPS,
            n_draws: Bootstrap::of_horizon(Horizon::OneDay).n_draws,
            accepted_checks: Vec::new(),
            code_version: code_version.to_owned(),
        }
    }

    /// Checks every value.
    ///
    /// # Errors
    /// [`BacktestError::InvalidConfig`] naming the first that is wrong.
    pub fn validate(&self) -> Result<(), BacktestError> {
        let wrong = |setting, value: String, expected: &str| {
            Err(BacktestError::InvalidConfig {
                setting,
                value,
                expected: expected.to_owned(),
            })
        };
        let mut seeds = self.seeds.clone();
        seeds.sort_unstable();
        seeds.dedup();
        if seeds.is_empty() || seeds.len() != self.seeds.len() || seeds.len() > MAX_SEEDS {
            let value = format!("{:?}", self.seeds);
            return wrong("seeds", value, "1 to 50 seeds, each once");
        }
        if !(self.one_way_cost_bps >= 0.0 && self.one_way_cost_bps < 10_000.0) {
            let value = self.one_way_cost_bps.to_string();
            return wrong("cost_bps", value, "at least 0 and less than 10,000");
        }
        if self.n_draws < 100 {
            return wrong("n_draws", self.n_draws.to_string(), "at least 100");
        }
        Ok(())
    }

    /// The settings for the report.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        let mut training = json!(self.training);
        if let Some(training) = training.as_object_mut() {
            // The seeds beside it are meant, each a training of its own.
            training.remove("seed");
            training.remove("seeds");
        }
        json!({
            "plan": self.plan,
            "seeds": self.seeds,
            "network": self.network,
            "training": training,
            "boosting": self.boosting.as_ref().map(|config| format!("{config:?}")),
            "linear": self.linear,
            "refit_quarterly": self.refit_quarterly,
            "one_way_cost_bps": self.one_way_cost_bps,
            "n_draws": self.n_draws,
        })
    }

    /// Names what decides the scores of a task: not the seeds, which name tasks of their own, nor
    /// how scores are judged. So a sixth seed or other costs find the five that are there.
    pub(crate) fn task_digest(&self, market: &Market) -> Digest {
        let mut training = self.training.clone();
        training.seed = 0;
        training.seeds = 1;
        let universe: Vec<String> = market.universe.iter().map(usize::to_string).collect();
        let settings = json!({
            "plan": self.plan,
            "network": self.network,
            "training": training,
            "boosting": self.boosting.as_ref().map(|config| format!("{config:?}")),
            "spec": market.panel.spec().hash().to_string(),
        });
        Digest::of_parts([
            settings.to_string().as_str(),
            &universe.join(","),
            &self.code_version,
        ])
    }
}
