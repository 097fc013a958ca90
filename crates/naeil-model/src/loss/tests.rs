use naeil_domain::ports::WindowBatch;

use super::*;
use crate::device::inference_device;

/// One window; the second and third horizons are void.
fn batch(percentile: f32, up: f32, market: f32, scaled_return: f32) -> Batch {
    let first = |value: f32| vec![value, 0.0, 0.0];
    Batch {
        windows: WindowBatch {
            n_windows: 1,
            sequence: Vec::new(),
            wide: Vec::new(),
        },
        percentile: first(percentile),
        up: first(up),
        market: first(market),
        scaled_return: first(scaled_return),
        weight: first(1.0),
    }
}

/// Outputs of one window, the same for every horizon.
fn outputs(relative: f32, direction: f32, quantiles: [f32; 5]) -> Outputs {
    let row = |value: f32| Tensor::<2>::full([1, 3], value, &inference_device());
    Outputs {
        relative: row(relative),
        direction: row(direction),
        quantiles: quantiles.map(row),
    }
}

fn check(outputs: Outputs, batch: &Batch, expected: f32) {
    let found: f32 = loss(outputs, batch, &inference_device()).into_scalar();
    assert!(
        (found - expected).abs() < 1e-4 * expected.abs().max(1.0),
        "{found} {expected}"
    );
}

const LN_2: f32 = std::f32::consts::LN_2;

#[test]
fn an_ignorant_answer_costs_two_coins() {
    check(
        outputs(0.0, 0.0, [0.0; 5]),
        &batch(0.5, 1.0, 0.0, 0.0),
        2.0 * LN_2,
    );
}

#[test]
fn the_relative_output_is_held_against_the_percentile() {
    // sigmoid(1) = 0.731059: -(0.25 ln 0.731059 + 0.75 ln 0.268941) = 1.063262.
    check(
        outputs(1.0, 0.0, [0.0; 5]),
        &batch(0.25, 1.0, 0.0, 0.0),
        1.063_262 + LN_2,
    );
}

#[test]
fn the_direction_is_held_against_the_rise_once_the_market_is_known() {
    // 0.5 + 1.5 = 2: ln(1 + e^-2) = 0.126928 if it rose, ln(1 + e^2) = 2.126928 if it fell.
    let asked = || outputs(0.0, 0.5, [0.0; 5]);
    check(asked(), &batch(0.5, 1.0, 1.5, 0.0), LN_2 + 0.126_928);
    check(asked(), &batch(0.5, 0.0, 1.5, 0.0), LN_2 + 2.126_928);
}

#[test]
fn quantiles_are_held_against_the_return() {
    // The return is 1; quantiles -1, 0, 0.5, 1, 3 lie below by 2, 1, 0.5, 0 and above by 2:
    // 0.05 * 2 + 0.25 * 1 + 0.5 * 0.5 + 0 + 0.05 * 2 = 0.7, over five levels 0.14.
    let asked = outputs(0.0, 0.0, [-1.0, 0.0, 0.5, 1.0, 3.0]);
    check(asked, &batch(0.5, 1.0, 0.0, 1.0), 2.0 * LN_2 + 0.14);
}

#[test]
fn extreme_outputs_do_not_overflow() {
    check(
        outputs(1e6, -1e6, [0.0; 5]),
        &batch(1.0, 0.0, 0.0, 0.0),
        0.0,
    );
    check(
        outputs(-1e6, 0.0, [0.0; 5]),
        &batch(1.0, 0.0, 0.0, 0.0),
        1e6,
    );
}
