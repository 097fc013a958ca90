//! Which session an answer is about, by the calendar of the moment.

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use naeil_domain::{CacheKey, CalendarError, Horizon, Prediction, Session, TradingCalendar};

/// The target sessions of one as-of session by one calendar.
#[derive(Debug)]
struct Targets {
    calendar: Arc<TradingCalendar>,
    as_of: Session,
    sessions: [Result<Session, CalendarError>; Horizon::COUNT],
}

impl Targets {
    fn new(calendar: &Arc<TradingCalendar>, as_of: Session) -> Self {
        Self {
            calendar: Arc::clone(calendar),
            as_of,
            sessions: Horizon::ALL.map(|h| calendar.nth_session_after(as_of, h.steps())),
        }
    }
}

/// Remembers the target sessions last asked for: walking 20 sessions for every cached answer would
/// cost more than finding the answer.
#[derive(Debug, Default)]
pub(crate) struct TargetMemo(ArcSwapOption<Targets>);

impl TargetMemo {
    /// Whether a remembered answer is about the session that `calendar` counts to. After a session
    /// was declared closed or open it may not be, in a cache shared with other servers even long
    /// after this one learned of it.
    pub(crate) fn is_current(
        &self,
        calendar: &Arc<TradingCalendar>,
        key: &CacheKey,
        prediction: &Prediction,
    ) -> bool {
        let held = self.0.load();
        let fits = |t: &&Arc<Targets>| Arc::ptr_eq(&t.calendar, calendar) && t.as_of == key.as_of;
        let target = match held.as_ref().filter(fits) {
            Some(targets) => targets.sessions[key.horizon.index()].clone(),
            None => {
                let targets = Targets::new(calendar, key.as_of);
                let target = targets.sessions[key.horizon.index()].clone();
                self.0.store(Some(Arc::new(targets)));
                target
            }
        };
        target.is_ok_and(|session| session == prediction.target_session)
    }
}
