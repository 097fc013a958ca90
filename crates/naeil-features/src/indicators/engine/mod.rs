//! How indicators are computed: each is a small graph of series, written once and evaluated twice,
//! over a whole life and bar by bar, with the same arithmetic in the same order.
//!
//! - [`graph`] builds the series and shares those that several indicators need;
//! - [`rolling`] makes sums, extremes and moments of windows by doubling: the sum of 60 is one of
//!   32, one of 16, one of 8 and one of 4. No sum runs on, so nothing outlives its window, two
//!   series that agree on a window agree on every bit of it, and nothing cancels;
//! - [`formula`] says what one step of a series computes, for both evaluators;
//! - [`plan`] orders the steps, [`batch`] runs them over slices, [`stream`](super::stream) over
//!   one bar.
pub(super) mod batch;
pub(super) mod ema_bank;
pub(super) mod formula;
pub(super) mod graph;
pub(super) mod ln;
pub(super) mod plan;
pub(super) mod rolling;
