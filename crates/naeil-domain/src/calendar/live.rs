//! The calendar of a running program.

use std::sync::{Arc, PoisonError, RwLock};

use super::TradingCalendar;

/// A calendar that may be replaced while others use it. Clones share it: what one replaces, all
/// see.
///
/// Whoever answers one question takes [`Self::current`] once, so that the answer is of one
/// calendar.
#[derive(Debug, Clone)]
pub struct LiveCalendar(Arc<RwLock<Arc<TradingCalendar>>>);

impl LiveCalendar {
    /// Begins with `calendar`.
    pub fn new(calendar: TradingCalendar) -> Self {
        Self(Arc::new(RwLock::new(Arc::new(calendar))))
    }

    /// The calendar as it is now.
    pub fn current(&self) -> Arc<TradingCalendar> {
        // A pointer is swapped whole, so a holder that panicked left nothing half-done.
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts another calendar in its place; says whether it differs.
    pub fn replace(&self, calendar: TradingCalendar) -> bool {
        let mut held = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let differs = **held != calendar;
        if differs {
            *held = Arc::new(calendar);
        }
        differs
    }
}

impl From<TradingCalendar> for LiveCalendar {
    fn from(calendar: TradingCalendar) -> Self {
        Self::new(calendar)
    }
}
