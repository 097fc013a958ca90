//! The forward pass against the formula in `f64`, and against itself: on other threads, with other
//! instructions, in other batches.
#![allow(clippy::unwrap_used, reason = "a helper of a test fails the test")]

mod common;

use common::{Case, distance, executions};
use naeil_kernels::{
    Execution, Instructions, KernelError, LstmShape, LstmWeights, Output, PackedLstm, Tape,
    forward, forward_training,
};
use proptest::prelude::*;

fn run(execution: Execution, case: &Case, output: Output) -> Vec<f32> {
    let steps = match output {
        Output::Last => 1,
        Output::Every => case.n_steps,
    };
    let mut out = vec![f32::NAN; case.n_windows * steps * case.shape.hidden_size];
    let lstm = case.packed();
    forward(
        execution,
        &lstm,
        &case.windows,
        case.n_steps,
        output,
        &mut out,
    )
    .unwrap();
    out
}

fn run_training(execution: Execution, case: &Case, output: Output, tape: &mut Tape) -> Vec<f32> {
    let mut out = run(execution, case, output);
    out.fill(f32::NAN);
    let (lstm, windows) = (case.packed(), &case.windows);
    forward_training(
        execution,
        &lstm,
        windows,
        case.n_steps,
        output,
        &mut out,
        tape,
    )
    .unwrap();
    out
}

/// Of the states after every step those after the last.
fn last<T: Copy>(every: &[T], case: &Case) -> Vec<T> {
    let h = case.shape.hidden_size;
    every
        .chunks(case.n_steps * h)
        .flat_map(|window| window[(case.n_steps - 1) * h..].iter().copied())
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn agrees_with_the_formula_on_any_shape(
        n_windows in 1_usize..100,
        f in 1_usize..40,
        h in 1_usize..70,
        n_steps in 1_usize..8,
        seed in any::<u64>(),
    ) {
        let case = Case::random(f, h, n_windows, n_steps, seed);
        let expected = case.expected();
        let mut tape = Tape::default();
        for execution in executions() {
            let every = run(execution, &case, Output::Every);
            prop_assert!(distance(&every, &expected) < 1e-6);
            prop_assert_eq!(run(execution, &case, Output::Last), last(&every, &case));
            prop_assert_eq!(&run_training(execution, &case, Output::Every, &mut tape), &every);
            prop_assert_eq!(
                run_training(execution, &case, Output::Last, &mut tape),
                last(&every, &case)
            );
            for threads in [2, 3] {
                let threaded = Execution::new(execution.instructions(), threads).unwrap();
                prop_assert_eq!(&run(threaded, &case, Output::Every), &every);
                prop_assert_eq!(&run_training(threaded, &case, Output::Every, &mut tape), &every);
            }
        }
    }

    #[test]
    fn a_window_gets_the_same_bits_in_every_batch(
        n_windows in 1_usize..100,
        f in 1_usize..40,
        h in 1_usize..150,
        n_steps in 1_usize..8,
        seed in any::<u64>(),
    ) {
        let case = Case::random(f, h, n_windows, n_steps, seed);
        let lstm = case.packed();
        for execution in executions() {
            for threads in [1, 2] {
                let execution = Execution::new(execution.instructions(), threads).unwrap();
                let together = run(execution, &case, Output::Last);
                for (window, together) in case.windows.chunks(n_steps * f).zip(together.chunks(h)) {
                    let mut alone = vec![0.0; h];
                    forward(execution, &lstm, window, n_steps, Output::Last, &mut alone).unwrap();
                    prop_assert_eq!(&alone[..], together);
                }
            }
        }
    }
}

#[test]
fn every_instruction_set_is_near_f64() {
    let case = Case::random(24, 128, 50, 60, 7);
    let expected = case.expected();
    for execution in executions() {
        let worst = distance(&run(execution, &case, Output::Every), &expected);
        let name = execution.instructions().as_str();
        eprintln!("{name}: {worst:.1e} from f64");
        assert!(worst < 5e-7, "{name}: {worst:e}");
    }
}

#[test]
fn instruction_sets_agree_with_each_other() {
    for (f, h, n_windows, n_steps) in [(24, 128, 50, 60), (18, 64, 1, 60), (18, 70, 3, 20)] {
        let case = Case::random(f, h, n_windows, n_steps, 8);
        let found: Vec<_> = executions()
            .into_iter()
            .map(|execution| (execution, run(execution, &case, Output::Every)))
            .collect();
        for ((one, a), (other, b)) in found.iter().zip(found.iter().skip(1)).chain(
            // The widest and the narrowest.
            found.first().zip(found.last()),
        ) {
            let worst = a
                .iter()
                .zip(b)
                .map(|(a, b)| (a - b).abs())
                .fold(0.0, f32::max);
            assert!(a.iter().all(|a| a.is_finite()));
            assert!(worst < 1e-6, "{one:?}, {other:?}: {worst:e}");
        }
    }
}

#[test]
fn few_windows_are_the_same_on_several_threads() {
    for n_windows in 1..20 {
        let case = Case::random(18, 70, n_windows, 60, n_windows as u64);
        let expected = run(
            Execution::new(Instructions::detect(), 1).unwrap(),
            &case,
            Output::Every,
        );
        for round in 0..30 {
            let execution = Execution::new(Instructions::detect(), 1 + round % 4).unwrap();
            assert_eq!(run(execution, &case, Output::Every), expected);
        }
    }
}

#[test]
fn callers_side_by_side_do_not_disturb_each_other() {
    let cases: Vec<Case> = (0..4)
        .map(|seed| Case::random(8, 40, 1, 30, seed))
        .collect();
    let single = Execution::new(Instructions::detect(), 1).unwrap();
    let several = Execution::new(Instructions::detect(), 4).unwrap();
    std::thread::scope(|scope| {
        for case in &cases {
            scope.spawn(move || {
                let expected = run(single, case, Output::Last);
                for _ in 0..200 {
                    assert_eq!(run(several, case, Output::Last), expected);
                }
            });
        }
    });
}

#[test]
fn a_worked_example() {
    // One input, one unit, all weights 0 but the biases: i = f = o = sigmoid(0) = 1/2 and
    // g = tanh(1) = 0.761594156: c_1 = g/2 = 0.380797078, c_2 = c_1/2 + g/2 = 0.571195617,
    // h = tanh(c)/2: 0.181699742 and 0.258118402.
    let weights = LstmWeights {
        weight_ih: &[0.0; 4],
        weight_hh: &[0.0; 4],
        bias: &[0.0, 0.0, 1.0, 0.0],
    };
    let shape = LstmShape {
        input_size: 1,
        hidden_size: 1,
    };
    let lstm = PackedLstm::pack(shape, &weights).unwrap();
    for execution in executions() {
        let mut out = [0.0; 2];
        forward(execution, &lstm, &[3.0, 4.0], 2, Output::Every, &mut out).unwrap();
        assert!(
            distance(&out, &[0.181_699_742, 0.258_118_402]) < 1e-7,
            "{out:?}"
        );
    }
}

#[test]
fn saturated_inputs_stay_finite_and_nan_is_not_hidden() {
    for execution in executions() {
        let mut case = Case::random(3, 20, 7, 5, 1);
        for (idx, value) in case.windows.iter_mut().enumerate() {
            *value *= [1e6, 1e30, 1e-40, 0.0][idx % 4];
        }
        let out = run(execution, &case, Output::Every);
        assert!(out.iter().all(|h| h.abs() <= 1.0), "{execution:?}");

        let clean = run(execution, &case, Output::Last);
        case.windows[2 * 5 * 3] = f32::NAN;
        let tainted = run(execution, &case, Output::Last);
        assert!(tainted[2 * 20..3 * 20].iter().all(|h| h.is_nan()));
        assert_eq!(tainted[..2 * 20], clean[..2 * 20]);
        assert_eq!(tainted[3 * 20..], clean[3 * 20..]);
    }
}

#[test]
fn no_windows_give_no_states() {
    let case = Case::random(4, 8, 0, 5, 0);
    let mut tape = Tape::default();
    for execution in executions() {
        assert!(run(execution, &case, Output::Every).is_empty());
        assert!(run_training(execution, &case, Output::Last, &mut tape).is_empty());
    }
}

#[test]
fn contradictory_arguments_are_refused() {
    let case = Case::random(4, 8, 2, 5, 0);
    let lstm = case.packed();
    let execution = Execution::detect();
    let mut out = [0.0; 17];
    let mut call = |windows: &[f32], n_steps: usize, len: usize| {
        let out = &mut out[..len];
        forward(execution, &lstm, windows, n_steps, Output::Last, out).unwrap_err()
    };
    let length = |what, expected, found| KernelError::Length {
        what,
        expected,
        found,
    };
    assert_eq!(call(&case.windows[1..], 5, 16), length("windows", 20, 39));
    assert_eq!(call(&case.windows, 5, 17), length("out", 16, 17));
    assert_eq!(call(&case.windows, 5, 15), length("out", 16, 15));
    assert_eq!(call(&[], 5, 1), length("out", 0, 1));
    for n_steps in [0, usize::MAX, usize::MAX / 4, usize::MAX / 32 + 1] {
        let error = call(&case.windows, n_steps, 16);
        assert!(
            matches!(error, KernelError::Size { what: "n_steps", found, .. } if found == n_steps),
            "{error}"
        );
    }
    assert_eq!(
        Execution::new(Instructions::Portable, 0)
            .unwrap_err()
            .to_string(),
        format!("threads is 0, it has to be between 1 and {}", usize::MAX)
    );
}

#[test]
fn contradictory_weights_are_refused() {
    let case = Case::random(3, 5, 0, 1, 0);
    let pack = |input_size, hidden_size, ih: usize, hh: usize, bias: usize| {
        let shape = LstmShape {
            input_size,
            hidden_size,
        };
        let weights = LstmWeights {
            weight_ih: &case.weight_ih[..ih],
            weight_hh: &case.weight_hh[..hh],
            bias: &case.bias[..bias],
        };
        PackedLstm::pack(shape, &weights).map(|lstm| lstm.shape())
    };
    assert!(pack(3, 5, 60, 100, 20).is_ok());
    for (sizes, what) in [
        ((0, 5, 60, 100, 20), "input_size is 0"),
        ((3, 0, 60, 100, 20), "hidden_size is 0"),
        ((3, 4097, 60, 100, 20), "hidden_size is 4097"),
        ((usize::MAX, 5, 60, 100, 20), "input_size is 18"),
        (
            (3, 5, 59, 100, 20),
            "weight_ih holds 59 values, the shapes say 60",
        ),
        ((3, 5, 60, 99, 20), "weight_hh holds 99"),
        ((3, 5, 60, 100, 19), "bias holds 19"),
    ] {
        let (f, h, ih, hh, bias) = sizes;
        let error = pack(f, h, ih, hh, bias).unwrap_err().to_string();
        assert!(error.contains(what), "{error}");
    }
}
