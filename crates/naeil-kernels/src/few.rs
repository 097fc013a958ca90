//! Few windows: two threads share the units of every step, so that each reads half of the weights.
//!
//! A single window does nothing but stream the weights out of the second-level cache, once a step;
//! that cache is the core's own. The calling thread leads and begins alone. A helper that turns up
//! gets the upper half of the units from the next step on, and from then on each waits for the
//! other's half of the step before. A helper that lets itself be waited for (its processor was
//! taken away) is left behind: the leader goes on from the last whole step in buffers of its own.
//! So the leader waits some microseconds at most, and there is nothing to deadlock on. Sums run in
//! the same order as elsewhere: results are the same to the bit.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::aligned::Aligned;
use crate::cell::{Projection, Step};
use crate::execution::Execution;
use crate::forward::Output;
use crate::pack::{GATES, LANES, LstmShape, PackedLstm};
use crate::simd::{Kernel, Simd, dispatch};
use crate::team::{wait_briefly, wait_until};

/// Up to so many windows, sharing units beats sharing windows.
const FEW: usize = 8;

/// Up to so many, the inputs of all steps are projected first: reading weights is all that counts.
const PROJECTED: usize = 2;

/// Not decided yet.
const UNDECIDED: usize = usize::MAX - 1;
/// The leader needs no more help.
const OVER: usize = usize::MAX;

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
    let instructions = execution.instructions();
    let mut pass = Pass {
        lstm: lstm.clone(),
        windows: windows.to_vec(),
        rows,
        n_steps,
        sums: None,
        states: Shared::new(rows * shape.padded()),
        progress: Progress::default(),
    };
    if rows <= PROJECTED {
        // SAFETY: an `Execution` has only instructions that the processor has.
        pass.sums = Some(unsafe { dispatch(instructions, Project(&pass)) });
    }
    let pass = Arc::new(pass);
    if execution.threads() > 1 && shape.blocks() > 1 {
        let pass = Arc::clone(&pass);
        rayon::spawn(move || {
            // SAFETY: as above.
            unsafe { dispatch(instructions, Help(&pass)) }
        });
    }
    let lead = Lead {
        pass: &pass,
        output,
        out,
    };
    // SAFETY: as above.
    unsafe { dispatch(instructions, lead) }
}

/// A counter on a cache line of its own.
#[repr(align(64))]
struct Counter(AtomicUsize);

/// Who has come how far.
struct Progress {
    helper_is_there: AtomicBool,
    /// The step from which the helper has the upper units.
    shared_from: Counter,
    /// Steps finished by each. The leader ends the helper's part by setting the helper's to [`OVER`].
    leader: Counter,
    helper: Counter,
}

impl Default for Progress {
    fn default() -> Self {
        Self {
            helper_is_there: AtomicBool::new(false),
            shared_from: Counter(AtomicUsize::new(UNDECIDED)),
            leader: Counter(AtomicUsize::new(0)),
            helper: Counter(AtomicUsize::new(0)),
        }
    }
}

/// Hidden states and cells, before and after the present step: `[2, 2, rows, padded]`.
struct Shared {
    /// Owns what `first` points to.
    _buffer: Aligned,
    first: *mut f32,
}

impl Shared {
    fn new(len: usize) -> Self {
        let mut buffer = Aligned::zeros(4 * len);
        let first = buffer.as_mut_ptr();
        Self {
            _buffer: buffer,
            first,
        }
    }
}

/// What the two threads share; all of it its own, so that a helper may outlive the call.
struct Pass {
    lstm: PackedLstm,
    /// `[rows, n_steps, F]`
    windows: Vec<f32>,
    rows: usize,
    n_steps: usize,
    /// Biases plus projected inputs: `[rows, n_steps, blocks, 4, 16]`.
    sums: Option<Aligned>,
    states: Shared,
    progress: Progress,
}

// SAFETY: the pointer leads into a buffer of the pass itself.
unsafe impl Send for Pass {}
// SAFETY: `states` alone is written to while shared, in the order that `Progress` keeps: in a step
// each thread writes its own units after the step, and a thread begins a step after both have
// finished the one before, so what one reads the other has finished, and what one writes the other
// has read. See `Lead::settle` for a helper that is left behind.
unsafe impl Sync for Pass {}

impl Pass {
    /// Computes some blocks of a step, in these states.
    ///
    /// # Safety
    /// The processor has the instructions of `V`; the step before is finished in `states`, which
    /// are as large as [`Shared`], and nobody else computes these blocks there.
    #[inline(always)]
    unsafe fn step<V: Simd>(&self, step: usize, states: *mut f32, blocks: std::ops::Range<usize>) {
        let (lstm, shape) = (&self.lstm, self.lstm.shape);
        let len = self.rows * shape.padded();
        // SAFETY: offsets stay within `windows`, `sums`, `states` and the weights, whose lengths
        // follow from the same sizes.
        unsafe {
            let (n_x, start, start_stride) = match &self.sums {
                Some(sums) => (
                    0,
                    sums.as_ptr().add(step * shape.padded() * GATES),
                    self.n_steps * shape.padded() * GATES,
                ),
                None => (shape.input_size, lstm.bias.as_ptr(), 0),
            };
            let before = states.add(step % 2 * 2 * len);
            let after = states.add((step + 1) % 2 * 2 * len);
            let place = Step {
                x: self.windows.as_ptr().add(step * shape.input_size),
                x_stride: self.n_steps * shape.input_size,
                n_x,
                h: before,
                c: before.add(len),
                n_h: shape.hidden_size,
                padded: shape.padded(),
                h_next: after,
                c_next: after.add(len),
                gates: std::ptr::null_mut(),
                weights: lstm
                    .weights
                    .as_ptr()
                    .add((shape.input_size - n_x) * GATES * LANES),
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

/// Projects the inputs of all steps.
struct Project<'a>(&'a Pass);

impl Kernel for Project<'_> {
    type Output = Aligned;

    #[inline(always)]
    unsafe fn run<V: Simd>(self) -> Aligned {
        let (lstm, shape) = (&self.0.lstm, self.0.lstm.shape);
        let rows = self.0.rows * self.0.n_steps;
        let stride = shape.padded() * GATES;
        let mut sums = Aligned::zeros(rows * stride);
        for block in 0..shape.blocks() {
            // SAFETY: the block is one of the layer's, and `sums` has room for all rows and blocks.
            unsafe {
                let projection = Projection {
                    x: self.0.windows.as_ptr(),
                    n_x: shape.input_size,
                    rows,
                    weights: lstm.weights.as_ptr().add(block * lstm.block_len()),
                    bias: lstm.bias.as_ptr().add(block * GATES * LANES),
                    out: sums.as_mut_ptr().add(block * GATES * LANES),
                    out_stride: stride,
                };
                projection.run::<V>();
            }
        }
        sums
    }
}

/// Lets the helper go when the leader ends, also by a panic.
struct Release<'a>(&'a Progress);

impl Drop for Release<'_> {
    fn drop(&mut self) {
        self.0.leader.0.store(OVER, Ordering::Release);
        self.0.shared_from.0.store(OVER, Ordering::Release);
    }
}

/// The calling thread's part.
struct Lead<'a> {
    pass: &'a Pass,
    output: Output,
    out: &'a mut [f32],
}

impl Kernel for Lead<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Simd>(self) {
        let Self { pass, output, out } = self;
        let progress = &pass.progress;
        let _release = Release(progress);
        let blocks = pass.lstm.shape.blocks();
        let len = pass.rows * pass.lstm.shape.padded();
        let mut states = pass.states.first;
        // The states after a helper was left behind.
        let mut own = Aligned::default();
        let mut with_helper = false;
        // SAFETY: `V` as the caller promises. With a helper, a step begins after the helper has
        // finished the one before; without, this thread alone writes to `states`.
        unsafe {
            for step in 0..=pass.n_steps {
                if with_helper && !is_settled(progress, step) {
                    // The states before the last step are whole, and the helper, should it come
                    // back, writes only to those after it and then finds that it is over.
                    with_helper = false;
                    own = Aligned::zeros(4 * len);
                    let before = (step - 1) % 2 * 2 * len;
                    let whole = std::slice::from_raw_parts(states.add(before), 2 * len);
                    own[before..before + 2 * len].copy_from_slice(whole);
                    states = own.as_mut_ptr();
                    pass.step::<V>(step - 1, states, 0..blocks);
                }
                if step > 0 {
                    let after = states.add(step % 2 * 2 * len);
                    pass.write_out(
                        step - 1,
                        std::slice::from_raw_parts(after, len),
                        output,
                        out,
                    );
                }
                if step == pass.n_steps {
                    break;
                }
                if !with_helper
                    && own.is_empty()
                    && progress.helper_is_there.load(Ordering::Acquire)
                {
                    with_helper = true;
                    progress.helper.0.store(step, Ordering::Relaxed);
                    progress.shared_from.0.store(step, Ordering::Release);
                }
                let end = if with_helper { pass.lower() } else { blocks };
                pass.step::<V>(step, states, 0..end);
                progress.leader.0.store(step + 1, Ordering::Release);
            }
        }
    }
}

/// Waits until the helper has finished `steps`; whether it has. If not, it has been dismissed.
fn is_settled(progress: &Progress, steps: usize) -> bool {
    let helper = &progress.helper.0;
    wait_briefly(|| helper.load(Ordering::Acquire) >= steps)
        || helper
            .compare_exchange(steps - 1, OVER, Ordering::Acquire, Ordering::Acquire)
            .is_err()
}

impl Pass {
    /// Copies the states after a step to where they are wanted.
    fn write_out(&self, step: usize, after: &[f32], output: Output, out: &mut [f32]) {
        let shape = self.lstm.shape;
        let (h, padded) = (shape.hidden_size, shape.padded());
        let (stride, at) = match output {
            Output::Last if step + 1 == self.n_steps => (h, 0),
            Output::Last => return,
            Output::Every => (self.n_steps * h, step * h),
        };
        for row in 0..self.rows {
            let to = row * stride + at;
            out[to..to + h].copy_from_slice(&after[row * padded..row * padded + h]);
        }
    }
}

/// The helper's part.
struct Help<'a>(&'a Pass);

impl Kernel for Help<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Simd>(self) {
        let pass = self.0;
        let progress = &pass.progress;
        progress.helper_is_there.store(true, Ordering::Release);
        wait_until(|| progress.shared_from.0.load(Ordering::Acquire) != UNDECIDED);
        let first = progress.shared_from.0.load(Ordering::Acquire);
        for step in first..pass.n_steps {
            wait_until(|| progress.leader.0.load(Ordering::Acquire) >= step);
            if progress.leader.0.load(Ordering::Relaxed) == OVER {
                return;
            }
            // SAFETY: `V` as the caller promises; the leader has finished its half of the step
            // before, this thread the other, and the leader leaves the upper units alone.
            unsafe {
                let upper = pass.lower()..pass.lstm.shape.blocks();
                pass.step::<V>(step, pass.states.first, upper);
            }
            let done = progress.helper.0.compare_exchange(
                step,
                step + 1,
                Ordering::Release,
                Ordering::Relaxed,
            );
            if done.is_err() {
                return;
            }
        }
    }
}
