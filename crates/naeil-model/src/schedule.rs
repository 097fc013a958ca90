//! The learning rate over a training: one cycle.

/// Share of the steps in which the rate rises.
const WARM_UP: f64 = 0.15;

/// The rate of a step, counted from 0: rises in a line to `peak` over the first 15 % of the steps,
/// then falls along half a cosine to 0.
///
/// # Source
/// Smith and Topin (2019), Super-Convergence; cosine from Loshchilov and Hutter (2017), SGDR.
pub(crate) fn one_cycle(peak: f64, step: usize, n_steps: usize) -> f64 {
    let warm_up = (WARM_UP * n_steps as f64).ceil().max(1.0);
    let done = step as f64 + 1.0;
    if done <= warm_up {
        return peak * done / warm_up;
    }
    let falling = (n_steps as f64 - warm_up).max(1.0);
    let angle = std::f64::consts::PI * ((done - warm_up) / falling).min(1.0);
    peak * (1.0 + angle.cos()) / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_rises_over_fifteen_of_a_hundred_steps_and_falls_to_zero() {
        let rate = |step| one_cycle(2.0, step, 100);
        assert!((rate(0) - 2.0 / 15.0).abs() < 1e-12);
        assert_eq!(rate(14), 2.0);
        // 42.5 of the 85 falling steps lie between the steps 56 and 57.
        assert!(rate(56) > 1.0 && rate(57) < 1.0);
        assert!((rate(56) + rate(57) - 2.0).abs() < 1e-12);
        assert!(rate(99).abs() < 1e-12);
        assert!((0..99).all(|step| rate(step) > 0.0));
    }

    #[test]
    fn the_shortest_cycles_are_defined() {
        assert_eq!(one_cycle(1.0, 0, 1), 1.0);
        assert_eq!(one_cycle(1.0, 0, 2), 1.0);
        assert!(one_cycle(1.0, 1, 2).abs() < 1e-12);
    }
}
