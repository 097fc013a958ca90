//! Tick sizes and the daily price limit.

/// How far a price may move in one session, as a share of the base price.
pub(crate) const DAILY_LIMIT: f64 = 0.30;

/// The step between quotable prices at `price`.
///
/// # Units
/// Won.
///
/// # Source
/// KRX, rule in force since 2023-01-25, the same for KOSPI and KOSDAQ.
pub(crate) fn tick_size(price: f64) -> f64 {
    match price {
        p if p < 2_000.0 => 1.0,
        p if p < 5_000.0 => 5.0,
        p if p < 20_000.0 => 10.0,
        p if p < 50_000.0 => 50.0,
        p if p < 200_000.0 => 100.0,
        p if p < 500_000.0 => 500.0,
        _ => 1_000.0,
    }
}

/// The quotable price nearest to `price`.
pub(crate) fn nearest_tick(price: f64) -> f64 {
    let tick = tick_size(price);
    (price / tick).round() * tick
}

/// The quotable prices of one session.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PriceLimits {
    lowest: f64,
    highest: f64,
}

impl PriceLimits {
    /// Quotable prices at most 30 % from `base`, the limits rounded inwards.
    pub(crate) fn around(base: f64) -> Self {
        let (low, high) = (base * (1.0 - DAILY_LIMIT), base * (1.0 + DAILY_LIMIT));
        let (low_tick, high_tick) = (tick_size(low), tick_size(high));
        Self {
            lowest: (low / low_tick).ceil() * low_tick,
            highest: (high / high_tick).floor() * high_tick,
        }
    }

    /// The quotable price within the limits that is nearest to `price`.
    pub(crate) fn quote(&self, price: f64) -> f64 {
        nearest_tick(price).clamp(self.lowest, self.highest)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ticks_follow_the_rule_of_2023() {
        let check = |price: f64, tick: f64| assert_eq!(tick_size(price), tick, "{price}");
        check(1_999.0, 1.0);
        check(2_000.0, 5.0);
        check(4_995.0, 5.0);
        check(5_000.0, 10.0);
        check(19_990.0, 10.0);
        check(20_000.0, 50.0);
        check(49_950.0, 50.0);
        check(50_000.0, 100.0);
        check(199_900.0, 100.0);
        check(200_000.0, 500.0);
        check(499_500.0, 500.0);
        check(500_000.0, 1_000.0);
    }

    #[test]
    fn limits_are_rounded_inwards() {
        // 71,300: 70 % = 49,910 on a tick of 50 -> 49,950; 130 % = 92,690 on 100 -> 92,600.
        let limits = PriceLimits::around(71_300.0);
        assert_eq!(limits.quote(1.0), 49_950.0);
        assert_eq!(limits.quote(1e9), 92_600.0);
        assert_eq!(limits.quote(71_349.0), 71_300.0);
    }

    proptest! {
        #[test]
        fn a_quote_is_on_a_tick_and_within_the_limit(
            base in 100_u32..800_000,
            move_percent in -60.0..60.0_f64,
        ) {
            let base = nearest_tick(f64::from(base));
            let quote = PriceLimits::around(base).quote(base * (1.0 + move_percent / 100.0));
            prop_assert_eq!(quote % tick_size(quote), 0.0);
            prop_assert!((quote / base - 1.0).abs() <= DAILY_LIMIT + 1e-12);
        }
    }
}
