//! Few windows: two threads share the units of every step, so that each reads half of the weights.
//!
//! A single window does nothing but stream the weights out of the second-level cache, once a step;
//! that cache is the core's own. The calling thread begins alone. A helper that turns up gets the
//! upper half of the units from the next step on, and from then on each waits for the other's half
//! of the step before. Sums run in the same order as elsewhere, so results are the same to the bit.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::aligned::Aligned;
use crate::cell::{Projection, Step};
use crate::execution::Execution;
use crate::forward::Output;
use crate::pack::{GATES, LANES, LstmShape, PackedLstm};
use crate::simd::{Kernel, Simd, dispatch};
use crate::team::{wait_until, with_help};

/// Up to so many windows, sharing units beats sharing windows.
const FEW: usize = 8;
/// Up to so many, the inputs of all steps are projected first: the step is bound by reading weights.
const PROJECTED: usize = 2;

/// Nothing said yet; `usize::MAX`, what is left at the end, is another value.
const UNDECIDED: usize = usize::MAX - 1;

/// Whether this path is the fastest.
pub(crate) fn suits(execution: Execution, shape: LstmShape, n_windows: usize) -> bool {
    match n_windows {
        0 => false,
        1 => true,
        2..=FEW => execution.threads() > 1 && shape.blocks() > 1,
        _ => false,
    }
}

/// Runs a layer over few windows; lengths have been checked.
pub(crate) fn forward(
    execution: Execution,
    lstm: &PackedLstm,
    windows: &[f32],
    n_steps: usize,
    output: Output,
    out: &mut [f32],
) {
    let shape = lstm.shape;
    let rows = windows.len() / (n_steps * shape.input_size);
    let sums = match rows {
        ..=PROJECTED => rows * n_steps * shape.padded() * GATES,
        _ => 0,
    };
    let mut states = Aligned::zeros(3 * rows * shape.padded());
    let mut sums = Aligned::zeros(sums);
    let pass = Pass {
        lstm,
        windows,
        rows,
        n_steps,
        states: states.as_mut_ptr(),
        sums: (sums.len() > 0).then_some(sums.as_mut_ptr()),
        progress: Progress::default(),
    };
    let helpers = usize::from(execution.threads() > 1 && shape.blocks() > 1);
    let instructions = execution.instructions();
    // SAFETY: an `Execution` has only instructions that the processor has.
    let help = || unsafe { dispatch(instructions, Help(&pass)) };
    with_help(helpers, &help, || {
        let lead = Lead {
            pass: &pass,
            output,
            out,
        };
        // SAFETY: as above.
        unsafe { dispatch(instructions, lead) }
    });
}

/// A counter on a cache line of its own.
#[derive(Default)]
#[repr(align(64))]
struct Counter(AtomicUsize);

/// Who has come how far.
struct Progress {
    /// The next block to project, and blocks projected.
    project_next: Counter,
    projected: Counter,
    helper_is_there: AtomicBool,
    /// The step from which the helper has the upper units.
    shared_from: Counter,
    /// Steps finished.
    leader_done: Counter,
    helper_done: Counter,
}

impl Default for Progress {
    fn default() -> Self {
        Self {
            project_next: Counter::default(),
            projected: Counter::default(),
            helper_is_there: AtomicBool::new(false),
            shared_from: Counter(AtomicUsize::new(UNDECIDED)),
            leader_done: Counter::default(),
            helper_done: Counter::default(),
        }
    }
}

/// Releases whoever waits, also after a panic.
struct ReleaseOnDrop<'a>(&'a AtomicUsize);

impl Drop for ReleaseOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(usize::MAX, Ordering::Release);
    }
}

/// What the two threads share.
struct Pass<'a> {
    lstm: &'a PackedLstm,
    /// `[rows, n_steps, F]`
    windows: &'a [f32],
    rows: usize,
    n_steps: usize,
    /// Hidden states before and after the present step, and cells: `[3, rows, padded]`.
    states: *mut f32,
    /// Projected inputs: `[rows, n_steps, blocks, 4, 16]`.
    sums: Option<*mut f32>,
    progress: Progress,
}

// SAFETY: the buffers behind the pointers outlive the pass, and `Progress` orders every access: a
// block of `sums` is written by the one thread that drew it and read after all are projected; the
// units of `states` belong to one thread in a step, and a step begins after both halves of the one
// before are finished.
unsafe impl Sync for Pass<'_> {}

impl Pass<'_> {
    /// Projects blocks until none is left.
    ///
    /// # Safety
    /// The processor has the instructions of `V`.
    #[inline(always)]
    unsafe fn project<V: Simd>(&self) {
        let Some(sums) = self.sums else {
            return;
        };
        let shape = self.lstm.shape;
        loop {
            let block = self.progress.project_next.0.fetch_add(1, Ordering::Relaxed);
            if block >= shape.blocks() {
                return;
            }
            // SAFETY: the block is one of the layer's; `sums` has room for all rows and blocks, and
            // nobody else has drawn this block.
            unsafe {
                let projection = Projection {
                    x: self.windows.as_ptr(),
                    n_x: shape.input_size,
                    rows: self.rows * self.n_steps,
                    weights: self
                        .lstm
                        .weights
                        .as_ptr()
                        .add(block * self.lstm.block_len()),
                    bias: self.lstm.bias.as_ptr().add(block * GATES * LANES),
                    out: sums.add(block * GATES * LANES),
                    out_stride: shape.padded() * GATES,
                };
                projection.run::<V>();
            }
            self.progress.projected.0.fetch_add(1, Ordering::Release);
        }
    }

    /// Computes some blocks of a step.
    ///
    /// # Safety
    /// The processor has the instructions of `V`, the step before is finished, and nobody else
    /// computes these blocks.
    #[inline(always)]
    unsafe fn step<V: Simd>(&self, step: usize, blocks: std::ops::Range<usize>) {
        let (lstm, shape) = (self.lstm, self.lstm.shape);
        let len = self.rows * shape.padded();
        // SAFETY: offsets stay within `windows`, `sums`, `states` and the weights, whose lengths
        // follow from the same sizes.
        unsafe {
            let n_x = if self.sums.is_some() {
                0
            } else {
                shape.input_size
            };
            let (start, start_stride) = match self.sums {
                Some(sums) => (
                    sums.cast_const().add(step * shape.padded() * GATES),
                    self.n_steps * shape.padded() * GATES,
                ),
                None => (lstm.bias.as_ptr(), 0),
            };
            let cells = self.states.add(2 * len);
            let skipped = (shape.input_size - n_x) * GATES * LANES;
            let place = Step {
                x: self.windows.as_ptr().add(step * shape.input_size),
                x_stride: self.n_steps * shape.input_size,
                n_x,
                h: self.states.add(step % 2 * len),
                c: cells,
                n_h: shape.hidden_size,
                padded: shape.padded(),
                h_next: self.states.add((step + 1) % 2 * len),
                c_next: cells,
                gates: std::ptr::null_mut(),
                weights: lstm.weights.as_ptr().add(skipped),
                weights_stride: lstm.block_len(),
                start,
                start_stride,
            };
            // Back and forth, so that the block read last is read first while it is still near.
            let n_blocks = blocks.len();
            for idx in 0..n_blocks {
                let idx = if step.is_multiple_of(2) {
                    idx
                } else {
                    n_blocks - 1 - idx
                };
                let block = blocks.start + idx;
                place.run::<V>(self.rows, block..block + 1);
            }
        }
    }

    /// Units of the leader when the helper has the others.
    fn lower(&self) -> usize {
        self.lstm.shape.blocks().div_ceil(2)
    }
}

/// The calling thread's part.
struct Lead<'a> {
    pass: &'a Pass<'a>,
    output: Output,
    out: &'a mut [f32],
}

impl Kernel for Lead<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Simd>(self) {
        let Self { pass, output, out } = self;
        let progress = &pass.progress;
        let blocks = pass.lstm.shape.blocks();
        let _done = ReleaseOnDrop(&progress.leader_done.0);
        // A helper that comes too late, or is never given anything, finds a last step to begin at.
        let _decided = ReleaseOnDrop(&progress.shared_from.0);
        let mut shared_from = UNDECIDED;
        // SAFETY: `V` as the caller promises; the waits order the steps as `Pass` asks.
        unsafe {
            pass.project::<V>();
            if pass.sums.is_some() {
                wait_until(|| progress.projected.0.load(Ordering::Acquire) >= blocks);
            }
            for step in 0..pass.n_steps {
                if shared_from == UNDECIDED && progress.helper_is_there.load(Ordering::Acquire) {
                    shared_from = step;
                    progress.shared_from.0.store(step, Ordering::Release);
                }
                if shared_from < step {
                    wait_until(|| progress.helper_done.0.load(Ordering::Acquire) >= step);
                }
                if step > 0 && output == Output::Every {
                    pass.write_out(step - 1, output, out);
                }
                let end = if shared_from == UNDECIDED {
                    blocks
                } else {
                    pass.lower()
                };
                pass.step::<V>(step, 0..end);
                progress.leader_done.0.store(step + 1, Ordering::Release);
            }
            if shared_from != UNDECIDED {
                wait_until(|| progress.helper_done.0.load(Ordering::Acquire) >= pass.n_steps);
            }
            pass.write_out(pass.n_steps - 1, output, out);
        }
    }
}

impl Pass<'_> {
    /// Copies the states after a step to where they are wanted.
    ///
    /// # Safety
    /// The step is finished and the next but one has not begun.
    unsafe fn write_out(&self, step: usize, output: Output, out: &mut [f32]) {
        let shape = self.lstm.shape;
        let (h, padded) = (shape.hidden_size, shape.padded());
        let (stride, at) = match output {
            Output::Last => (h, 0),
            Output::Every => (self.n_steps * h, step * h),
        };
        for row in 0..self.rows {
            let to = &mut out[row * stride + at..row * stride + at + h];
            // SAFETY: within the states after the step, which nobody writes now.
            to.copy_from_slice(unsafe {
                let after = self.states.add((step + 1) % 2 * self.rows * padded);
                std::slice::from_raw_parts(after.add(row * padded), h)
            });
        }
    }
}

/// The helper's part.
struct Help<'a>(&'a Pass<'a>);

impl Kernel for Help<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Simd>(self) {
        let pass = self.0;
        let progress = &pass.progress;
        let _done = ReleaseOnDrop(&progress.helper_done.0);
        // SAFETY: `V` as the caller promises; the waits order the steps as `Pass` asks.
        unsafe {
            pass.project::<V>();
            progress.helper_is_there.store(true, Ordering::Release);
            wait_until(|| progress.shared_from.0.load(Ordering::Acquire) != UNDECIDED);
            let first = progress.shared_from.0.load(Ordering::Acquire);
            for step in first..pass.n_steps {
                wait_until(|| progress.leader_done.0.load(Ordering::Acquire) >= step);
                pass.step::<V>(step, pass.lower()..pass.lstm.shape.blocks());
                progress.helper_done.0.store(step + 1, Ordering::Release);
            }
        }
    }
}
