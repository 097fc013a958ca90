//! From where on a finding is told, and from where on it makes the data unfit to train on.
//!
//! The failing limits separate what we have seen: recorded sets that train well stay under them by
//! a factor of three or more, sets with a known fault of basis go over them.

/// Refused rows of one kind, as a share of all rows, from which on the file is doubted as a whole.
pub(crate) const REFUSED_SHARE: f64 = 0.01;

/// Impossible moves between sessions that follow each other, as a share of traded bars. Series
/// that were adjusted well show 1 in 100,000; those of a faulty basis 3 in 10,000.
pub(crate) const IMPOSSIBLE_SHARE: f64 = 1e-4;

/// Fewer impossible moves than this never fail: a small file may hold one or two real ones, such as
/// a relisting.
pub(crate) const IMPOSSIBLE_LEAST: u64 = 10;

/// A session in which this share of the codes with a bar moves impossibly (and at least
/// [`SWITCH_LEAST`] of them) is a switch of basis.
pub(crate) const SWITCH_SHARE: f64 = 0.1;

/// See [`SWITCH_SHARE`].
pub(crate) const SWITCH_LEAST: u64 = 5;

/// How far the step of the traded volume may differ from that of the price, as a factor, and still
/// confirm that a holding was divided. A real event multiplies the interest in a stock, so that
/// the volume overshoots; a mere change of units does not.
pub(crate) const VOLUME_AGREES: f64 = 1.5;

/// Traded bars before and after a step whose median volumes are compared.
pub(crate) const VOLUME_WINDOW: usize = 5;

/// A code is stale if its last bar lies more than this many sessions before the newest one.
pub(crate) const STALE_SESSIONS: usize = 5;

/// A code that ended more than this many sessions ago has left the exchange, and is not stale.
pub(crate) const ENDED_SESSIONS: usize = 60;

/// Sessions of the first year, and of the last month, of the survivorship note.
pub(crate) const YEAR_SESSIONS: usize = 250;

/// See [`YEAR_SESSIONS`].
pub(crate) const MONTH_SESSIONS: usize = 20;

/// Traded sessions with one and the same close that make a series flat.
pub(crate) const FLAT_SESSIONS: u32 = 10;

/// Below this, whole units of currency are steps of 1 % and more.
pub(crate) const COARSE_BELOW: f64 = 100.0;

/// Times a code's median volume from which on a volume is an outlier.
pub(crate) const VOLUME_OUTLIER: f64 = 100.0;

/// Calendar days without a completed session's bars after which the whole market is stale.
pub(crate) const STALE_MARKET_SESSIONS: usize = 5;

/// Examples a check keeps, worst first.
pub(crate) const EXAMPLES: usize = 10;

/// Rows of codes that a report keeps, worst first.
pub(crate) const CODE_ROWS: usize = 500;

/// Impossible moves that are held to be judged one by one; more than that are counted only.
pub(crate) const MOVES_HELD: usize = 200_000;

/// A move that is impossible whatever the rule of its day, used to compare sets with each other.
pub(crate) const FLAT_LIMIT: f64 = 0.31;
