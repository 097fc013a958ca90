//! Moves of the close beyond the limit of their day.

use chrono::NaiveDate;
use naeil_domain::StockCode;

use crate::axis::Axis;
use crate::limits::VOLUME_AGREES;
use crate::market::MarketTally;
use crate::ratio::{simple_ratio, whole_ratio};

/// What lies between a traded bar and the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// Nothing: the sessions follow each other.
    Adjacent,
    /// Halted bars: a resumption.
    AfterHalt,
    /// Sessions of the exchange without a bar, so the change is not one day's.
    AcrossGap,
}

/// One move.
#[derive(Debug, Clone)]
pub(crate) struct Move {
    pub(crate) code: StockCode,
    pub(crate) code_idx: usize,
    /// The last traded session before.
    pub(crate) previous: NaiveDate,
    pub(crate) day: NaiveDate,
    /// Closes as they are stored.
    pub(crate) before: f64,
    pub(crate) after: f64,
    /// Relative change of the adjusted close.
    pub(crate) change: f64,
    /// Adjusted close before over adjusted open after.
    pub(crate) ratio: f64,
    /// Median adjusted volume after over that before.
    pub(crate) volume_step: f64,
    pub(crate) halted_between: bool,
    pub(crate) as_traded: bool,
    /// Ratio of the known corporate action that falls on the session.
    pub(crate) action_ratio: Option<f64>,
    /// Known once the axis is.
    pub(crate) place: Place,
}

impl Move {
    /// Whether the volume stepped as the price did, the other way: the value traded went on.
    pub(crate) fn volume_confirms(&self) -> bool {
        let agreement = self.volume_step / self.ratio;
        (1.0 / VOLUME_AGREES..=VOLUME_AGREES).contains(&agreement)
    }

    /// Whether it has the size of a division or merger of shares, or is too large to be anything
    /// else. A broken ratio, such as 4:3 of a bonus issue, wants the volume to say so too: the
    /// unlimited last sessions before a delisting fall by as much.
    pub(crate) fn is_split_like(&self) -> bool {
        whole_ratio(self.ratio).is_some()
            || !(0.2..=5.0).contains(&self.ratio)
            || (simple_ratio(self.ratio).is_some() && self.volume_confirms())
    }

    /// Whether somebody has looked and entered that nothing happened: a ratio of 1.
    fn is_reviewed(&self) -> bool {
        self.action_ratio == Some(1.0)
    }

    /// Whether adjusted prices changed their units from one session to the next: by a whole ratio,
    /// the volume with them, and without the halt that a real split brings.
    pub(crate) fn is_switch(&self) -> bool {
        !self.as_traded
            && !self.is_reviewed()
            && self.place == Place::Adjacent
            && whole_ratio(self.ratio).is_some()
            && self.volume_confirms()
    }

    /// Whether prices as traded step like a split that nobody has told of.
    pub(crate) fn is_unadjusted_split(&self) -> bool {
        self.as_traded
            && self.place != Place::AcrossGap
            && self.action_ratio.is_none()
            && self.is_split_like()
    }

    /// Whether a series that claims to be adjusted steps, over a halt, like a split that its
    /// vendor missed.
    pub(crate) fn is_missed_adjustment(&self) -> bool {
        !self.as_traded
            && !self.is_reviewed()
            && self.place == Place::AfterHalt
            && whole_ratio(self.ratio).is_some()
            && self.volume_confirms()
    }
}

/// Says of every move what lies before it, and counts it for its code and session.
pub(crate) fn place(market: &mut MarketTally, axis: &Axis) {
    let mut moves = std::mem::take(&mut market.moves);
    for m in &mut moves {
        let code = &mut market.codes[m.code_idx];
        m.place = if axis
            .between(m.previous, m.day)
            .iter()
            .any(|&day| !code.days.contains(day))
        {
            Place::AcrossGap
        } else if m.halted_between {
            Place::AfterHalt
        } else {
            Place::Adjacent
        };
        code.moves += 1;
        if m.place != Place::AcrossGap
            && let Some(session) = market.sessions.get_mut(&m.day)
        {
            session.moves += 1;
        }
    }
    market.moves = moves;
}
