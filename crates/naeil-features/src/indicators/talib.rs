//! Calls TA-Lib so that its outputs line up with their inputs.

use std::sync::LazyLock;

use ta_lib::{Core, OutRange, RetCode};

static CORE: LazyLock<Core> = LazyLock::new(Core::new);

/// Runs one TA-Lib function over `0..n` into `N` series of `n` values each, `NaN` in the warm-up.
///
/// TA-Lib writes its first value to the start of the output; the slices handed to `call` begin
/// behind the warm-up, so every value stands at its own session.
///
/// # Panics
/// If TA-Lib refuses the parameters, or says another warm-up than `warm_up`.
pub(super) fn aligned<const N: usize>(
    n: usize,
    warm_up: usize,
    call: impl FnOnce(&Core, [&mut [f64]; N]) -> Result<OutRange, RetCode>,
) -> [Vec<f64>; N] {
    let mut series = std::array::from_fn(|_| vec![f64::NAN; n]);
    if n <= warm_up {
        return series;
    }
    let outputs = series.each_mut().map(|values| &mut values[warm_up..]);
    let written = call(&CORE, outputs)
        .expect("parameters must be within TA-Lib's bounds and the series equally long");
    assert_eq!(written.beg_idx, warm_up, "TA-Lib begins elsewhere");
    series
}

/// A period as TA-Lib wants it.
///
/// # Panics
/// If it exceeds what TA-Lib can express.
pub(super) fn period(sessions: usize) -> i32 {
    i32::try_from(sessions).expect("a period must be a small number of sessions")
}
