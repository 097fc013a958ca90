//! Inference of the reference LSTM, round by round against the peers.

use std::time::Instant;

use naeil_kernels::{Execution, Instructions, fma_peak};
use naeil_tests::figures::{Times, head, row};

use crate::peers::Peers;
use crate::reference::Reference;

/// Batches, each with the calls of one round: some 50 ms.
const BATCHES: [(usize, usize); 5] = [(1, 150), (32, 12), (100, 6), (1024, 1), (2500, 1)];

const ROUNDS: usize = 15;

/// Further from the peers' answers than this would be another computation.
const TOLERANCE: f64 = 2e-6;

/// Measures every batch; with peers, each with one and with two threads, the better one counts.
pub(crate) fn race(mut peers: Option<&mut Peers>) -> anyhow::Result<()> {
    let Some(reference) = Reference::read()? else {
        return Ok(());
    };
    head(
        "Inference: LSTM 24 -> 128, 60 steps",
        &[
            "who",
            "batch",
            "median ms a call (min to max)",
            "windows/s",
            "of the FMA limit",
            "against the best peer",
        ],
    );
    let threads = rayon::current_num_threads();
    let execution = Execution::detect();
    for (batch, calls) in BATCHES {
        let windows = reference.batch(batch);
        let (mut hidden, mut out) = (Vec::new(), Vec::new());
        reference.answer(execution, &windows, &mut hidden, &mut out)?;
        let mut names = Vec::new();
        if let Some(peers) = peers.as_deref_mut() {
            for peer in ["onnx", "torch"] {
                check(
                    &out,
                    &peers.numbers(&format!("answer {peer} {batch}"))?,
                    peer,
                )?;
                names.extend((1..=threads).map(|n| format!("infer {peer} {n} {batch} {calls}")));
            }
        }
        let mut ours = Vec::new();
        let mut theirs = vec![Vec::new(); names.len()];
        let mut limits = Vec::new();
        for _ in 0..ROUNDS {
            let started = Instant::now();
            for _ in 0..calls {
                reference.answer(execution, &windows, &mut hidden, &mut out)?;
            }
            ours.push(started.elapsed().as_secs_f64() / calls as f64);
            for (seconds, request) in theirs.iter_mut().zip(&names) {
                if let Some(peers) = peers.as_deref_mut() {
                    seconds.push(peers.figure(request)? / 1e3);
                }
            }
            limits.push(fma_peak(Execution::new(Instructions::detect(), threads)?));
        }
        let limit = Times::new(limits).median();
        let ours = Times::new(ours);
        let theirs: Vec<Times> = theirs.into_iter().map(Times::new).collect();
        let best = theirs.iter().map(Times::median).min_by(f64::total_cmp);
        let share = |times: &Times| {
            let gflops = reference.flops() * batch as f64 / times.median() / 1e9;
            format!("{:.0} %", gflops / limit * 100.0)
        };
        let against = best.map_or("-".to_owned(), |best| {
            format!("**{:.2}x**", best / ours.median())
        });
        row(&[
            &format!("naeil ({})", execution.instructions().as_str()),
            &batch.to_string(),
            &ours.milliseconds(),
            &ours.rate(batch),
            &share(&ours),
            &against,
        ]);
        for (request, times) in names.iter().zip(&theirs) {
            let parts: Vec<&str> = request.split(' ').collect();
            let name = if parts[1] == "onnx" {
                "ONNX Runtime"
            } else {
                "TorchScript"
            };
            row(&[
                &format!("{name}, {} threads", parts[2]),
                &batch.to_string(),
                &times.milliseconds(),
                &times.rate(batch),
                &share(times),
                "",
            ]);
        }
    }
    Ok(())
}

/// Refuses to race peers that compute something else.
fn check(ours: &[f32], theirs: &[f64], peer: &str) -> anyhow::Result<()> {
    anyhow::ensure!(
        ours.len() == theirs.len(),
        "{peer} gives {} answers",
        theirs.len()
    );
    let worst = ours
        .iter()
        .zip(theirs)
        .map(|(a, b)| (f64::from(*a) - b).abs())
        .fold(0.0, f64::max);
    anyhow::ensure!(worst <= TOLERANCE, "{peer} differs by {worst:e}");
    Ok(())
}
