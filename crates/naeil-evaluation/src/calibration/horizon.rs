//! The calibration of one horizon as time goes.

use std::collections::VecDeque;

use naeil_domain::Horizon;

use super::blend::RunningScores;
use super::config::CalibrationConfig;
use super::member::FittedMember;
use super::platt::Platt;
use super::summary::{SessionSummary, SlopeEvidence};

/// Calibrates one horizon: sessions in, in the order of time; at any session the calibration that
/// could have been known then.
///
/// Sessions are counted on an axis that has every session of the exchange, so that the outcome of
/// session `t` is known at session `t + steps` and not before.
#[derive(Debug, Clone)]
pub struct HorizonCalibrator {
    config: CalibrationConfig,
    steps: u32,
    /// The session whose close is the last one known.
    now: u32,
    pending: VecDeque<Pending>,
    known: Vec<SessionSummary>,
    slope_evidence: VecDeque<SlopeEvidence>,
    slope: f64,
    members: Vec<FittedMember>,
    scores: RunningScores,
}

/// A session whose outcomes are not known yet, and what each member said of it.
#[derive(Debug, Clone)]
struct Pending {
    summary: SessionSummary,
    said: Vec<Platt>,
}

/// How a member stands.
#[derive(Debug, Clone, PartialEq)]
pub struct MemberStanding {
    /// Its name.
    pub name: String,
    /// Its present fit.
    pub fit: Platt,
    /// Its weight in the blend, 0 to 1.
    pub weight: f64,
    /// Its remembered log loss above the best member's, in nats a row, summed over sessions.
    pub excess_loss: f64,
}

impl HorizonCalibrator {
    /// A calibrator that knows nothing yet.
    pub fn new(horizon: Horizon, config: &CalibrationConfig) -> Self {
        let new_member = |&member| FittedMember::new(member, config);
        Self {
            steps: u32::try_from(horizon.steps()).unwrap_or(u32::MAX),
            now: 0,
            pending: VecDeque::new(),
            known: Vec::new(),
            slope_evidence: VecDeque::new(),
            slope: config.prior_slope,
            members: config.members.iter().map(new_member).collect(),
            scores: RunningScores::new(config.members.len()),
            config: config.for_steps(horizon.steps()),
        }
    }

    /// Adds the rows of a session, whose outcomes may lie in the future: they are used once they
    /// are known.
    ///
    /// # Shapes
    /// `direction` (logits) and `forward_return` (simple returns): one value a row.
    ///
    /// # Panics
    /// If sessions do not ascend or the slices differ in length.
    pub fn push(&mut self, session_idx: u32, direction: &[f64], forward_return: &[f64]) {
        assert_eq!(direction.len(), forward_return.len(), "one score a row");
        self.advance(session_idx);
        if direction.is_empty() {
            return;
        }
        let newest = self
            .pending
            .back()
            .map(|pending| pending.summary.session_idx);
        assert!(
            newest.is_none_or(|newest| newest < session_idx),
            "sessions ascend"
        );
        let bins = self.config.bins;
        self.pending.push_back(Pending {
            summary: SessionSummary::new(session_idx, direction, forward_return, bins),
            said: self.members.iter().map(|member| member.fit).collect(),
        });
    }

    /// The blend as of the close of a session, of the outcomes known by then.
    ///
    /// # Panics
    /// If time goes backwards.
    pub fn at(&mut self, session_idx: u32) -> Platt {
        self.advance(session_idx);
        let mut blend = Platt {
            intercept: 0.0,
            slope: 0.0,
        };
        for (member, weight) in self.members.iter().zip(self.weights()) {
            blend.intercept += weight * member.fit.intercept;
            blend.slope += weight * member.fit.slope;
        }
        blend
    }

    /// Sessions whose outcomes are known and used.
    pub fn n_sessions(&self) -> usize {
        self.known.len()
    }

    /// Sessions on which the members were scored.
    pub fn n_scored(&self) -> usize {
        self.scores.sessions()
    }

    /// The members side by side, in the order of the configuration.
    pub fn standings(&self) -> Vec<MemberStanding> {
        self.members
            .iter()
            .zip(self.weights())
            .zip(self.scores.excess())
            .map(|((member, weight), excess_loss)| MemberStanding {
                name: member.member.to_string(),
                fit: member.fit,
                weight,
                excess_loss,
            })
            .collect()
    }

    fn weights(&self) -> Vec<f64> {
        self.scores.weights(self.config.learning_rate)
    }

    /// Takes in what has become known until the close of a session.
    fn advance(&mut self, session_idx: u32) {
        assert!(session_idx >= self.now, "time goes forwards");
        self.now = session_idx;
        let steps = self.steps;
        let is_known = |pending: &Pending| pending.summary.session_idx + steps <= session_idx;
        while self.pending.front().is_some_and(is_known) {
            if let Some(pending) = self.pending.pop_front() {
                self.learn(pending);
            }
        }
    }

    fn learn(&mut self, Pending { summary, said }: Pending) {
        let losses = said.iter().map(|fit| summary.loss(fit));
        self.scores.add(losses, self.config.memory);
        self.slope_evidence
            .push_back(summary.slope_evidence(self.slope));
        if self.slope_evidence.len() > self.config.slope_window {
            self.slope_evidence.pop_front();
        }
        self.known.push(summary);
        self.slope = self.slope_given_base_rate();
        for member in &mut self.members {
            member.refit(&self.known, self.slope, &self.config);
        }
        // Sums are kept of every session, bins only of those that may be fitted on again: a fixed
        // member is full once so many sessions are known.
        let kept = self.config.longest_fit();
        if let Some(old) = self.known.len().checked_sub(kept + 1) {
            self.known[old].bins = Vec::new();
        }
    }

    /// The slope of the window, each session's intercept being its own.
    fn slope_given_base_rate(&self) -> f64 {
        let sum = |of: fn(&SlopeEvidence) -> f64| self.slope_evidence.iter().map(of).sum::<f64>();
        let precision = sum(|evidence| evidence.precision);
        let prior = self.config.prior_sessions * precision / self.slope_evidence.len() as f64;
        if prior <= 0.0 {
            return self.config.prior_slope;
        }
        let weighted = sum(|evidence| evidence.weighted) + prior * self.config.prior_slope;
        (weighted / (precision + prior)).max(0.0)
    }
}
