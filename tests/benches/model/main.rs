//! The network's arithmetic: inference and training, raced against ONNX Runtime and PyTorch with
//! `--peers`, on the same weights in the same run, round by round.

mod inference;
mod load;
mod peers;
mod reference;
mod training;

use std::io::Write as _;

use naeil_kernels::{Execution, Instructions, fma_peak};
use naeil_tests::figures::{head, row};

fn main() -> anyhow::Result<()> {
    let with_peers = std::env::args().any(|argument| argument == "--peers");
    if let Some(memory_of) =
        std::env::args().find_map(|a| a.strip_prefix("--memory-of=").map(str::to_owned))
    {
        return training::report_memory(memory_of.parse()?);
    }
    let mut peers = if with_peers {
        peers::Peers::start()?
    } else {
        say("without --peers nothing is raced, only measured");
        None
    };
    peak();
    inference::race(peers.as_mut())?;
    training::race(peers.as_mut())?;
    load::measure()
}

/// The processor's limit, which the others are shares of.
fn peak() {
    head(
        "Multiply-adds in registers",
        &["instructions", "1 thread", "all threads"],
    );
    for instructions in Instructions::ALL {
        let of = |threads| {
            Execution::new(instructions, threads).map_or_else(
                |_| "-".to_owned(),
                |e| format!("{:.0} GFLOP/s", fma_peak(e)),
            )
        };
        let threads = rayon::current_num_threads();
        row(&[instructions.as_str(), &of(1), &of(threads)]);
    }
}

/// A line between the tables.
fn say(line: &str) {
    // A reader that has gone away ends the interest in the figures, not the measuring.
    let _ = writeln!(std::io::stdout(), "{line}");
}
