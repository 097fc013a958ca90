//! A model without a network.

use std::sync::{Arc, Condvar, Mutex, MutexGuard};

use naeil_domain::ports::{ForecastError, Forecaster, Forecasts, WindowBatch, WindowShape};
use naeil_domain::{Horizon, HorizonForecast};

/// Answers each window from the mean of its as-of row: the same window always gives the same
/// forecast, alone or in a batch, and two models of different `bias` give different ones.
pub struct FakeForecaster {
    bias: f64,
    shape: WindowShape,
    control: Arc<ForecastControl>,
}

impl FakeForecaster {
    /// A model that takes these windows and obeys `control`.
    pub fn new(bias: f64, shape: WindowShape, control: Arc<ForecastControl>) -> Self {
        Self {
            bias,
            shape,
            control,
        }
    }

    /// What a model of this bias says of a window's as-of row: relative and direction output are the
    /// same, and the quantiles lie 0.01 apart around a hundredth of it.
    pub fn forecast_of(bias: f64, last_row: &[f32], horizon: Horizon) -> HorizonForecast {
        let sum: f64 = last_row.iter().map(|&v| f64::from(v)).sum();
        let mean = sum / last_row.len().max(1) as f64;
        let logit = (mean + bias) * (horizon.index() + 1) as f64;
        HorizonForecast {
            relative: logit,
            direction: logit,
            quantiles: Some([-2.0, -1.0, 0.0, 1.0, 2.0].map(|step| (logit + step) / 100.0)),
        }
    }
}

impl Forecaster for FakeForecaster {
    fn shape(&self) -> &WindowShape {
        &self.shape
    }

    fn forecast(&mut self, windows: &WindowBatch) -> Result<Forecasts, ForecastError> {
        self.control.enter(windows.n_windows);
        let WindowBatch {
            n_windows,
            sequence,
            wide,
        } = windows;
        let expected = [self.shape.sequence_len(), self.shape.n_columns].map(|len| len * n_windows);
        let found = [sequence.len(), wide.len()];
        if found != expected {
            return Err(ForecastError::Shape {
                expected: format!("{n_windows} windows in {expected:?} values"),
                found: format!("{found:?} values"),
            });
        }
        if let Some(at) = wide.iter().position(|v| !v.is_finite()) {
            return Err(ForecastError::InputNotFinite(at / self.shape.n_columns));
        }
        let rows = wide
            .chunks_exact(self.shape.n_columns)
            .map(|row| Horizon::ALL.map(|horizon| Self::forecast_of(self.bias, row, horizon)))
            .collect();
        Ok(Forecasts { rows })
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
