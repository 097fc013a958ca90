//! The fit of each member on the sessions whose outcomes are known.

use super::config::{CalibrationConfig, Member};
use super::platt::{Platt, PlattPrior, logit, sigmoid};
use super::summary::SessionSummary;

/// Prior slope precision is that of an average session; before any session it is this.
const NO_INFORMATION: f64 = 1.0;

/// A member and its present fit.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FittedMember {
    pub(crate) member: Member,
    pub(crate) fit: Platt,
    /// Known sessions at the last fit.
    fitted_at: Option<usize>,
}

impl FittedMember {
    pub(crate) fn new(member: Member, config: &CalibrationConfig) -> Self {
        Self {
            member,
            fit: Platt {
                intercept: 0.0,
                slope: config.prior_slope,
            },
            fitted_at: None,
        }
    }

    /// Fits again if it is time: `known` holds every session whose outcomes are known, oldest
    /// first, and `slope` is the slope given the sessions' base rates.
    pub(crate) fn refit(
        &mut self,
        known: &[SessionSummary],
        slope: f64,
        config: &CalibrationConfig,
    ) {
        let since = self.fitted_at.map(|at| known.len() - at);
        match self.member {
            Member::Fixed { sessions } => {
                // Until its sessions are full it is fitted like the rolling one, then never again.
                let at = self.fitted_at.unwrap_or(0);
                let due =
                    at < sessions && (known.len() >= sessions || since.is_none_or(|n| n >= 5));
                if due {
                    let first = &known[..sessions.min(known.len())];
                    self.fit = fit_platt(first, self.fit, config);
                    self.fitted_at = Some(known.len());
                }
            }
            Member::Rolling { window, every } => {
                if since.is_none_or(|n| n >= every) {
                    self.fit = fit_platt(last(known, Some(window)), self.fit, config);
                    self.fitted_at = Some(known.len());
                }
            }
            Member::BaseRate { window } => {
                self.fit = with_base_rate(last(known, window), slope, config);
            }
            Member::Shrunk { window, share } => {
                let recent = with_base_rate(last(known, Some(window)), slope, config);
                let long_run = with_base_rate(known, slope, config);
                self.fit = Platt {
                    intercept: share * recent.intercept + (1.0 - share) * long_run.intercept,
                    slope,
                };
            }
        }
    }
}

pub(crate) fn last(known: &[SessionSummary], window: Option<usize>) -> &[SessionSummary] {
    let skip = window.map_or(0, |window| known.len().saturating_sub(window));
    &known[skip..]
}

/// Rows of an average session of the window, at least 1.
fn mean_rows(window: &[SessionSummary]) -> f64 {
    let rows: f64 = window.iter().map(|session| session.n).sum();
    (rows / window.len().max(1) as f64).max(1.0)
}

fn fit_platt(window: &[SessionSummary], start: Platt, config: &CalibrationConfig) -> Platt {
    let rows = mean_rows(window);
    let variance: f64 = window.iter().map(|s| s.n * s.z_variance).sum::<f64>()
        / window.iter().map(|s| s.n).sum::<f64>().max(1.0);
    let information = rows * variance / 4.0;
    let prior = PlattPrior {
        centre: Platt {
            intercept: 0.0,
            slope: config.prior_slope,
        },
        intercept_precision: config.prior_periods * rows / 4.0,
        slope_precision: if information > 0.0 {
            config.prior_sessions * information
        } else {
            NO_INFORMATION
        },
    };
    Platt::fit(window.iter().flat_map(|s| &s.bins), &prior, start)
}

/// The base rate of a window, with the prior's sessions at one half.
pub(crate) fn base_rate(window: &[SessionSummary], prior_sessions: f64) -> f64 {
    let prior = prior_sessions * mean_rows(window);
    let (n, ups) = window
        .iter()
        .fold((prior, prior / 2.0), |(n, ups), s| (n + s.n, ups + s.ups));
    if n > 0.0 { ups / n } else { 0.5 }
}

/// The intercept at which the mean probability over the window's rows is the window's base rate.
///
/// A session's mean probability is taken to second order in its spread:
/// `sigmoid(m) + sigmoid''(m) slope^2 v / 2` at `m = intercept + slope * mean`.
fn with_base_rate(window: &[SessionSummary], slope: f64, config: &CalibrationConfig) -> Platt {
    let rate = base_rate(window, config.prior_periods);
    let n: f64 = window.iter().map(|s| s.n).sum();
    if n <= 0.0 {
        return Platt {
            intercept: logit(rate),
            slope,
        };
    }
    let moments =
        |of: fn(&SessionSummary) -> f64| window.iter().map(|s| s.n * of(s)).sum::<f64>() / n;
    let mean = moments(|s| s.z_mean);
    let variance = moments(|s| s.z_variance + s.z_mean * s.z_mean) - mean * mean;
    // One distribution for the whole window keeps this a sum per session, not a search per row.
    let spread = slope * slope * variance.max(0.0) / 2.0;
    let mut intercept = logit(rate) - slope * mean;
    for _ in 0..20 {
        let p = sigmoid(intercept + slope * mean);
        let first = p * (1.0 - p);
        let value = p + spread * first * (1.0 - 2.0 * p) - rate;
        let step = value / first;
        intercept -= step.clamp(-1.0, 1.0);
        if step.abs() < 1e-12 {
            break;
        }
    }
    Platt { intercept, slope }
}
