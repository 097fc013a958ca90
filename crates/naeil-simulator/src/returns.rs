//! Log returns: market, sectors and each stock's own, with volatility clustering and fat tails.
//!
//! Every shock is symmetric about zero in logarithms, and volatility depends on past shocks through
//! their squares alone. So at every horizon a rise is as likely as a fall whatever came before:
//! without a planted signal there is nothing to predict, by ranks or by direction. (How often ticks
//! leave a close unchanged, which is no rise, does differ: more often for quiet stocks.)

use rand::{Rng, RngExt};
use rand_distr::{Distribution, Normal, StandardNormal, StudentT};

use crate::listing::N_SECTORS;

/// Daily volatility of the market factor and of a sector's own factor.
const MARKET_VOLATILITY: f64 = 0.012;
const SECTOR_VOLATILITY: f64 = 0.008;
/// Median and spread (of its logarithm) of a stock's own daily volatility, and its bounds.
const STOCK_VOLATILITY: f64 = 0.020;
const STOCK_VOLATILITY_SPREAD: f64 = 0.30;
const STOCK_VOLATILITY_BOUNDS: (f64, f64) = (0.010, 0.040);
/// Spread of the loadings on market and sector around 1, and their bounds.
const LOADING_SPREAD: f64 = 0.20;
const LOADING_BOUNDS: (f64, f64) = (0.5, 1.6);
/// Weight of the last squared shock and of the last variance; the rest returns to the mean.
const SHOCK_WEIGHT: f64 = 0.07;
const VARIANCE_WEIGHT: f64 = 0.90;
/// Variance stays below this multiple of its mean, so that one crash does not echo for ever.
const VARIANCE_CEILING: f64 = 9.0;
/// Tail index of the shocks: kurtosis 3 + 6 / (5 - 4) = 9 before clustering.
const DEGREES_OF_FREEDOM: f64 = 5.0;

/// A shock process with clustering volatility.
///
/// # Source
/// GARCH(1,1) of Bollerslev (1986) with standardised Student t innovations (Bollerslev 1987).
#[derive(Debug, Clone)]
struct ClusteredShocks {
    mean_variance: f64,
    variance: f64,
}

impl ClusteredShocks {
    fn new(volatility: f64) -> Self {
        let mean_variance = volatility * volatility;
        Self {
            mean_variance,
            variance: mean_variance,
        }
    }

    /// Draws the next shock from the volatility that stands before it.
    fn next(&mut self, rng: &mut impl Rng) -> f64 {
        let tails = StudentT::new(DEGREES_OF_FREEDOM).expect("five degrees of freedom are valid");
        let unit_variance = ((DEGREES_OF_FREEDOM - 2.0) / DEGREES_OF_FREEDOM).sqrt();
        let shock = self.variance.sqrt() * tails.sample(rng) * unit_variance;
        let next = (1.0 - SHOCK_WEIGHT - VARIANCE_WEIGHT) * self.mean_variance
            + SHOCK_WEIGHT * shock * shock
            + VARIANCE_WEIGHT * self.variance;
        self.variance = next.min(VARIANCE_CEILING * self.mean_variance);
        shock
    }
}

/// What all stocks, or all of a sector, share in one session.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SharedReturns {
    market: f64,
    sectors: [f64; N_SECTORS],
}

/// Draws the shared returns session by session.
#[derive(Debug, Clone)]
pub(crate) struct Factors {
    market: ClusteredShocks,
    sectors: [ClusteredShocks; N_SECTORS],
}

impl Factors {
    pub(crate) fn new() -> Self {
        Self {
            market: ClusteredShocks::new(MARKET_VOLATILITY),
            sectors: std::array::from_fn(|_| ClusteredShocks::new(SECTOR_VOLATILITY)),
        }
    }

    pub(crate) fn next(&mut self, rng: &mut impl Rng) -> SharedReturns {
        SharedReturns {
            market: self.market.next(rng),
            sectors: std::array::from_fn(|sector| self.sectors[sector].next(rng)),
        }
    }
}

/// How one stock's returns come about.
#[derive(Debug, Clone)]
pub(crate) struct StockReturns {
    sector: usize,
    market_loading: f64,
    sector_loading: f64,
    own: ClusteredShocks,
}

impl StockReturns {
    pub(crate) fn draw(sector: usize, rng: &mut impl Rng) -> Self {
        let mut loading = || {
            let (low, high) = LOADING_BOUNDS;
            let spread = Normal::new(1.0, LOADING_SPREAD).expect("the spread is positive");
            spread.sample(rng).clamp(low, high)
        };
        let (market_loading, sector_loading) = (loading(), loading());
        let spread: f64 = rng.sample(StandardNormal);
        let (low, high) = STOCK_VOLATILITY_BOUNDS;
        let volatility = STOCK_VOLATILITY * (STOCK_VOLATILITY_SPREAD * spread).exp();
        Self {
            sector,
            market_loading,
            sector_loading,
            own: ClusteredShocks::new(volatility.clamp(low, high)),
        }
    }

    /// The stock's own volatility in the session that comes next.
    pub(crate) fn own_volatility(&self) -> f64 {
        self.own.variance.sqrt()
    }

    /// Draws the next log return; `edge` is the planted shift in units of the stock's own
    /// volatility.
    pub(crate) fn next(&mut self, shared: &SharedReturns, edge: f64, rng: &mut impl Rng) -> f64 {
        let planted = edge * self.own_volatility();
        self.market_loading * shared.market
            + self.sector_loading * shared.sectors[self.sector]
            + planted
            + self.own.next(rng)
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;

    #[test]
    fn shocks_have_the_stated_volatility_and_are_symmetric() {
        let mut rng = ChaCha8Rng::seed_from_u64(5);
        let mut shocks = ClusteredShocks::new(0.02);
        let n = 200_000;
        let drawn: Vec<f64> = (0..n).map(|_| shocks.next(&mut rng)).collect();
        let variance = drawn.iter().map(|x| x * x).sum::<f64>() / f64::from(n);
        // The ceiling on the variance takes a little away.
        assert!((0.018..0.021).contains(&variance.sqrt()), "{variance}");
        let rises = drawn.iter().filter(|&&x| x > 0.0).count() as f64;
        // Four standard deviations of a fair coin: 4 x 0.5 / sqrt(200,000) = 0.0045.
        assert!((rises / f64::from(n) - 0.5).abs() < 0.0045);
    }
}
