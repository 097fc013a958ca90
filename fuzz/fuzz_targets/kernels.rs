//! Arbitrary shapes and values must neither crash the kernels nor make them read or write out of
//! bounds (the address sanitiser watches), and every path must give the same bits.
#![no_main]

use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;
use naeil_kernels::{
    Execution, Instructions, LstmShape, LstmWeights, Output, OutputGradient, PackedLstm, Tape,
    backward, forward, forward_training,
};

#[derive(Debug, Arbitrary)]
struct Call {
    input_size: u8,
    hidden_size: u8,
    n_windows: u8,
    n_steps: u8,
    threads: u8,
    every: bool,
    at_windows: bool,
    /// The largest and the smallest lengthen and shorten a slice, which has to be refused.
    wrong: [i8; 3],
    /// Repeated over weights and windows, whatever they stand for.
    values: Vec<f32>,
}

/// Multiply-adds of a pass at most: a wide layer gets few windows, a narrow one many.
const WORK: usize = 100_000;

fn bits(values: &[f32]) -> Vec<u32> {
    // What is not a number has no sign or payload that anyone promises.
    let canonical = |v: &f32| if v.is_nan() { u32::MAX } else { v.to_bits() };
    values.iter().map(canonical).collect()
}

fuzz_target!(|call: Call| {
    let (f, h) = (
        usize::from(call.input_size % 40),
        usize::from(call.hidden_size % 70),
    );
    let n_steps = usize::from(call.n_steps % 8);
    let per_window = (4 * n_steps * h * (f + h)).max(1);
    let n_windows = usize::from(call.n_windows % 120).min(WORK / per_window);
    let mut pool = call.values.iter().copied().cycle();
    let mut values = |len: usize, wrong: i8| -> Vec<f32> {
        let wrong = isize::from(wrong > 120) - isize::from(wrong < -120);
        let len = len.saturating_add_signed(wrong);
        (0..len).map(|_| pool.next().unwrap_or(0.5)).collect()
    };
    let [wrong_weights, wrong_windows, wrong_out] = call.wrong;
    let (ih, hh) = (values(4 * h * f, wrong_weights), values(4 * h * h, 0));
    let weights = LstmWeights {
        weight_ih: &ih,
        weight_hh: &hh,
        bias: &values(4 * h, 0),
    };
    let shape = LstmShape {
        input_size: f,
        hidden_size: h,
    };
    let Ok(lstm) = PackedLstm::pack(shape, &weights) else {
        return;
    };
    let (output, steps) = match call.every {
        true => (Output::Every, n_steps),
        false => (Output::Last, 1),
    };
    let windows = values(n_windows * n_steps * f, wrong_windows);
    let mut out = values(n_windows * steps * h, wrong_out);
    let gradient = out.clone();
    let threads = usize::from(call.threads % 4);
    let mut tape = Tape::default();
    for instructions in Instructions::ALL {
        let (Ok(execution), Ok(single)) = (
            Execution::new(instructions, threads),
            Execution::new(instructions, 1),
        ) else {
            continue;
        };
        if forward(execution, &lstm, &windows, n_steps, output, &mut out).is_err() {
            continue;
        }
        let expected = bits(&out);
        forward_training(
            single, &lstm, &windows, n_steps, output, &mut out, &mut tape,
        )
        .expect("the arguments were good for inference");
        assert_eq!(bits(&out), expected);
        let given = match output {
            Output::Last => OutputGradient::Last(&gradient),
            Output::Every => OutputGradient::Every(&gradient),
        };
        let mut gradients = |execution| {
            let mut at_windows = vec![0.0; windows.len()];
            let wanted = call.at_windows.then_some(&mut at_windows[..]);
            let at_weights = backward(execution, &lstm, &windows, &mut tape, given, wanted)
                .expect("the tape is that of these windows");
            [
                at_weights.weight_ih,
                at_weights.weight_hh,
                at_weights.bias,
                at_windows,
            ]
            .map(|values| bits(&values))
        };
        let expected = gradients(execution);
        assert_eq!(gradients(single), expected);
    }
});
