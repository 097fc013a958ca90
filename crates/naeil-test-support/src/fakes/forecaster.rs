//! A model without a network.

use std::sync::{Arc, Condvar, Mutex, MutexGuard};

use naeil_domain::Horizon;
use naeil_domain::ports::{ForecastError, Forecaster, Forecasts, WindowBatch};

/// Answers each window from the mean of its last row: the same window always gives the same
/// probability, alone or in a batch, and two models of different `bias` give different ones.
pub struct FakeForecaster {
    bias: f64,
    control: Arc<ForecastControl>,
}

impl FakeForecaster {
    /// A model that obeys `control`.
    pub fn new(bias: f64, control: Arc<ForecastControl>) -> Self {
        Self { bias, control }
    }

    /// What a model of this bias says of a window's last row.
    pub fn probability(bias: f64, last_row: &[f32], horizon: Horizon) -> f64 {
        let sum: f64 = last_row.iter().map(|&v| f64::from(v)).sum();
        let mean = sum / last_row.len().max(1) as f64;
        let logit = (mean + bias) * (horizon.index() + 1) as f64;
        1.0 / (1.0 + (-logit).exp())
    }
}

impl Forecaster for FakeForecaster {
    fn forecast(&mut self, windows: &WindowBatch) -> Result<Forecasts, ForecastError> {
        self.control.enter(windows.n_windows);
        let size = windows.lookback * windows.n_features;
        if windows.values.len() != windows.n_windows * size {
            return Err(ForecastError::Shape {
                expected: format!("{} windows of {size} values", windows.n_windows),
                found: format!("{} values", windows.values.len()),
            });
        }
        if let Some(at) = windows.values.iter().position(|v| !v.is_finite()) {
            return Err(ForecastError::InputNotFinite(at / size));
        }
        let probability_up = windows
            .values
            .chunks_exact(size)
            .map(|window| {
                let last_row = &window[size - windows.n_features..];
                Horizon::ALL.map(|horizon| Self::probability(self.bias, last_row, horizon))
            })
            .collect();
        Ok(Forecasts { probability_up })
    }
}

/// A test's hand on every [`FakeForecaster`] that shares it.
#[derive(Debug, Default)]
pub struct ForecastControl {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    held: bool,
    waiting: usize,
    panics_left: usize,
    passes: Vec<usize>,
}

impl ForecastControl {
    /// Makes every forward pass wait until [`Self::release`].
    pub fn hold(&self) {
        self.state().held = true;
    }

    /// Lets waiting passes go on.
    pub fn release(&self) {
        self.state().held = false;
        self.changed.notify_all();
    }

    /// Blocks the calling thread until a pass waits because of [`Self::hold`].
    pub fn wait_until_held(&self) {
        let mut state = self.state();
        while state.waiting == 0 {
            state = self
                .changed
                .wait(state)
                .expect("no holder of this lock panics");
        }
    }

    /// Lets the next `n` passes panic.
    pub fn panic_next(&self, n: usize) {
        self.state().panics_left = n;
    }

    /// The number of windows in each forward pass so far.
    pub fn passes(&self) -> Vec<usize> {
        self.state().passes.clone()
    }

    fn enter(&self, n_windows: usize) {
        let mut state = self.state();
        state.passes.push(n_windows);
        state.waiting += 1;
        self.changed.notify_all();
        while state.held {
            state = self
                .changed
                .wait(state)
                .expect("no holder of this lock panics");
        }
        state.waiting -= 1;
        let panics = state.panics_left > 0;
        state.panics_left -= usize::from(panics);
        // The lock is free before the panic, so that the test's hand is not poisoned.
        drop(state);
        assert!(!panics, "told to panic");
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no holder of this lock panics")
    }
}
