//! Back-propagation against the formula in `f64`, against finite differences, and against itself:
//! on other threads, with other instructions, with a used tape.
#![allow(clippy::unwrap_used, reason = "a helper of a test fails the test")]

mod common;

use common::{Case, distance, executions};
use naeil_kernels::{
    Execution, Instructions, KernelError, LstmGradients, Output, OutputGradient, Tape, backward,
    forward_training,
};
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Gradients at weights and windows.
#[derive(Debug, PartialEq)]
struct Gradients {
    at_weights: LstmGradients,
    at_windows: Vec<f32>,
}

/// Runs forward and backward; `given` as long as `output` says.
fn run(
    execution: Execution,
    case: &Case,
    output: Output,
    given: &[f32],
    tape: &mut Tape,
) -> Gradients {
    let lstm = case.packed();
    let mut out = vec![0.0; given.len()];
    let (windows, n_steps) = (&case.windows, case.n_steps);
    forward_training(execution, &lstm, windows, n_steps, output, &mut out, tape).unwrap();
    let output_gradient = match output {
        Output::Last => OutputGradient::Last(given),
        Output::Every => OutputGradient::Every(given),
    };
    let without = backward(execution, &lstm, windows, tape, output_gradient, None).unwrap();
    let mut at_windows = vec![f32::NAN; windows.len()];
    let at = Some(&mut at_windows[..]);
    let at_weights = backward(execution, &lstm, windows, tape, output_gradient, at).unwrap();
    assert_eq!(at_weights, without, "the windows' gradients changed others");
    Gradients {
        at_weights,
        at_windows,
    }
}

/// Gradients of a loss at the states, as many as `output` asks for.
fn random_given(case: &Case, output: Output, seed: u64) -> Vec<f32> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed ^ 1);
    let states = match output {
        Output::Last => case.n_windows,
        Output::Every => case.n_windows * case.n_steps,
    };
    (0..states * case.shape.hidden_size)
        .map(|_| rng.random_range(-1.0..1.0))
        .collect()
}

/// Gradients in `f64`: weights of inputs, of states, bias, windows.
fn expected(case: &Case, output: Output, given: &[f32]) -> [Vec<f64>; 4] {
    let (f, h, steps) = (case.shape.input_size, case.shape.hidden_size, case.n_steps);
    let sigmoid = |z: f64| 1.0 / (1.0 + (-z).exp());
    let mut sums = [4 * h * f, 4 * h * h, 4 * h, case.windows.len()].map(|len| vec![0.0_f64; len]);
    for (idx, window) in case.windows.chunks(steps * f).enumerate() {
        let x = |step: usize, k: usize| f64::from(window[step * f + k]);
        let (mut states, mut cells) = (vec![vec![0.0; h]], vec![vec![0.0; h]]);
        let mut gates = Vec::new();
        for step in 0..steps {
            let before: &Vec<f64> = &states[step];
            let z = |row: usize| {
                let from_x = (0..f).map(|k| x(step, k) * f64::from(case.weight_ih[row * f + k]));
                let from_h = (0..h).map(|k| before[k] * f64::from(case.weight_hh[row * h + k]));
                f64::from(case.bias[row]) + from_x.sum::<f64>() + from_h.sum::<f64>()
            };
            let here: Vec<[f64; 4]> = (0..h)
                .map(|unit| {
                    let [i, fg, o] = [0, 1, 3].map(|gate| sigmoid(z(gate * h + unit)));
                    [i, fg, z(2 * h + unit).tanh(), o]
                })
                .collect();
            let cell: Vec<f64> = (0..h)
                .map(|unit| here[unit][1] * cells[step][unit] + here[unit][0] * here[unit][2])
                .collect();
            states.push((0..h).map(|u| here[u][3] * cell[u].tanh()).collect());
            cells.push(cell);
            gates.push(here);
        }
        let (mut dh, mut dc) = (vec![0.0; h], vec![0.0; h]);
        for step in (0..steps).rev() {
            for (unit, dh) in dh.iter_mut().enumerate() {
                *dh += match output {
                    Output::Every => f64::from(given[(idx * steps + step) * h + unit]),
                    Output::Last if step + 1 == steps => f64::from(given[idx * h + unit]),
                    Output::Last => 0.0,
                };
            }
            let mut dz = vec![0.0; 4 * h];
            for unit in 0..h {
                let [i, fg, g, o] = gates[step][unit];
                let tanh_c = cells[step + 1][unit].tanh();
                let at_cell = dc[unit] + dh[unit] * o * (1.0 - tanh_c.powi(2));
                dz[unit] = at_cell * g * i * (1.0 - i);
                dz[h + unit] = at_cell * cells[step][unit] * fg * (1.0 - fg);
                dz[2 * h + unit] = at_cell * i * (1.0 - g * g);
                dz[3 * h + unit] = dh[unit] * tanh_c * o * (1.0 - o);
                dc[unit] = at_cell * fg;
            }
            dh.fill(0.0);
            for (row, dz) in dz.into_iter().enumerate() {
                sums[2][row] += dz;
                for k in 0..f {
                    sums[0][row * f + k] += dz * x(step, k);
                    let at = (idx * steps + step) * f + k;
                    sums[3][at] += dz * f64::from(case.weight_ih[row * f + k]);
                }
                for k in 0..h {
                    sums[1][row * h + k] += dz * states[step][k];
                    dh[k] += dz * f64::from(case.weight_hh[row * h + k]);
                }
            }
        }
    }
    sums
}

/// The largest difference, in units of the largest expected value or of 1.
fn worst(found: &Gradients, expected: &[Vec<f64>; 4]) -> f64 {
    let weights = &found.at_weights;
    let found = [
        &weights.weight_ih,
        &weights.weight_hh,
        &weights.bias,
        &found.at_windows,
    ];
    found
        .into_iter()
        .zip(expected)
        .map(|(found, expected)| {
            let scale = expected.iter().fold(1.0_f64, |max, e| max.max(e.abs()));
            distance(found, expected) / scale
        })
        .fold(0.0, f64::max)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(50))]

    #[test]
    fn agrees_with_the_formula_on_any_shape(
        n_windows in 1_usize..110,
        f in 1_usize..90,
        h in 1_usize..90,
        n_steps in 1_usize..7,
        every in any::<bool>(),
        seed in any::<u64>(),
    ) {
        let case = Case::random(f, h, n_windows, n_steps, seed);
        let output = if every { Output::Every } else { Output::Last };
        let given = random_given(&case, output, seed);
        let expected = expected(&case, output, &given);
        let mut tape = Tape::default();
        for execution in executions() {
            let found = run(execution, &case, output, &given, &mut tape);
            prop_assert!(worst(&found, &expected) < 2e-6, "{:e}", worst(&found, &expected));
            for threads in [2, 3] {
                let threaded = Execution::new(execution.instructions(), threads).unwrap();
                let same = run(threaded, &case, output, &given, &mut tape);
                prop_assert_eq!(&same, &found, "{} threads", threads);
            }
        }
    }
}

#[test]
fn agrees_with_finite_differences() {
    let mut case = Case::random(3, 5, 4, 6, 11);
    let given = random_given(&case, Output::Every, 11);
    let loss = |case: &Case| -> f64 {
        let states = case.expected();
        states
            .iter()
            .zip(&given)
            .map(|(s, g)| s * f64::from(*g))
            .sum()
    };
    let mut tape = Tape::default();
    let detected = Execution::detect();
    let found = run(detected, &case, Output::Every, &given, &mut tape);
    type Part = fn(&mut Case) -> &mut Vec<f32>;
    let parts: [(Part, &Vec<f32>); 4] = [
        (|case| &mut case.weight_ih, &found.at_weights.weight_ih),
        (|case| &mut case.weight_hh, &found.at_weights.weight_hh),
        (|case| &mut case.bias, &found.at_weights.bias),
        (|case| &mut case.windows, &found.at_windows),
    ];
    for (part, gradient) in parts {
        for (idx, gradient) in gradient.iter().enumerate() {
            let value = part(&mut case)[idx];
            let (above, below) = (value + 1e-3, value - 1e-3);
            let mut at = |value: f32| {
                part(&mut case)[idx] = value;
                loss(&case)
            };
            let rise = at(above) - at(below);
            at(value);
            // The step as rounded to f32; the difference errs by its square, about 1e-6.
            let slope = rise / (f64::from(above) - f64::from(below));
            assert!((slope - f64::from(*gradient)).abs() < 2e-5, "{idx}");
        }
    }
}

#[test]
fn instruction_sets_agree() {
    let case = Case::random(24, 128, 50, 60, 7);
    // The gradient of a mean over the windows, so that differences are absolute.
    let mut given = random_given(&case, Output::Last, 7);
    given.iter_mut().for_each(|given| *given /= 50.0);
    let expected = expected(&case, Output::Last, &given);
    let mut tape = Tape::default();
    for execution in executions() {
        let found = run(execution, &case, Output::Last, &given, &mut tape);
        let (name, worst) = (execution.instructions().as_str(), worst(&found, &expected));
        eprintln!("{name}: {worst:.1e} from f64");
        // Half of the 1e-6 that two sets may differ by.
        assert!(worst < 5e-7, "{name}: {worst:e}");
    }
}

#[test]
fn a_worked_example() {
    // One input of 3, one unit, one step, all weights 0 but the biases: i = f = o = 1/2,
    // g = tanh(1) = 0.761594156, c = g/2, tanh(c) = 0.363399485. With dh = 1:
    // dc = 1/2 (1 - 0.363399485^2) = 0.433970407,
    // di = dc g / 4 = 0.082627331, df = 0, dg = dc / 2 (1 - g^2) = 0.091128218,
    // do = tanh(c) / 4 = 0.090849871; at the input's weights three times as much.
    let mut case = Case::random(1, 1, 1, 1, 0);
    case.weight_ih.fill(0.0);
    case.weight_hh.fill(0.0);
    case.bias.copy_from_slice(&[0.0, 0.0, 1.0, 0.0]);
    case.windows[0] = 3.0;
    let at_bias = [0.082_627_331, 0.0, 0.091_128_218, 0.090_849_871];
    for execution in executions() {
        let mut tape = Tape::default();
        let found = run(execution, &case, Output::Last, &[1.0], &mut tape);
        let at_weights = found.at_weights;
        assert!(
            distance(&at_weights.bias, &at_bias) < 1e-7,
            "{at_weights:?}"
        );
        assert!(distance(&at_weights.weight_ih, &at_bias.map(|d| 3.0 * d)) < 3e-7);
        assert_eq!(at_weights.weight_hh, [0.0; 4]);
        assert_eq!(found.at_windows, [0.0]);
    }
}

#[test]
fn a_used_tape_changes_nothing() {
    let mut used = Tape::default();
    let execution = Execution::new(Instructions::detect(), 2).unwrap();
    for (f, h, n_windows, n_steps) in [
        (9, 70, 100, 6),
        (40, 12, 3, 2),
        (9, 71, 100, 6),
        (1, 1, 1, 1),
    ] {
        let case = Case::random(f, h, n_windows, n_steps, 5);
        let given = random_given(&case, Output::Every, 5);
        let fresh = &mut Tape::default();
        assert_eq!(
            run(execution, &case, Output::Every, &given, &mut used),
            run(execution, &case, Output::Every, &given, fresh),
        );
    }
}

#[test]
fn no_windows_give_no_gradient() {
    let case = Case::random(4, 8, 0, 5, 0);
    let mut tape = Tape::default();
    for execution in executions() {
        let found = run(execution, &case, Output::Every, &[], &mut tape);
        assert!(
            found
                .at_weights
                .weight_hh
                .iter()
                .all(|gradient| *gradient == 0.0)
        );
        assert_eq!(found.at_weights.weight_ih.len(), 4 * 8 * 4);
    }
}

#[test]
fn contradictory_arguments_are_refused() {
    let case = Case::random(4, 8, 2, 5, 0);
    let lstm = case.packed();
    let execution = Execution::detect();
    let mut tape = Tape::default();
    let given = random_given(&case, Output::Last, 0);
    run(execution, &case, Output::Last, &given, &mut tape);
    let length = |what, expected, found| KernelError::Length {
        what,
        expected,
        found,
    };
    let mut call = |windows: &[f32], given: OutputGradient<'_>, at: Option<&mut [f32]>| {
        backward(execution, &lstm, windows, &mut tape, given, at).unwrap_err()
    };
    let (windows, last) = (&case.windows, OutputGradient::Last(&given));
    assert_eq!(call(&windows[1..], last, None), length("windows", 40, 39));
    assert_eq!(
        call(windows, OutputGradient::Every(&given), None),
        length("output_gradient", 80, 16)
    );
    assert_eq!(
        call(windows, last, Some(&mut [0.0])),
        length("at_windows", 40, 1)
    );
    // A tape of another layer, through which the kernels would read beyond the end.
    let wider = Case::random(4, 17, 2, 5, 0).packed();
    let error = backward(
        execution,
        &wider,
        windows,
        &mut tape,
        OutputGradient::Last(&[0.0; 34]),
        None,
    );
    assert_eq!(
        error.unwrap_err(),
        length("the tape's gates", 2 * 32 * 4 * 5, 2 * 16 * 4 * 5)
    );
}
