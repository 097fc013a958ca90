//! A prediction log in memory.

use std::collections::HashSet;
use std::io;
use std::sync::{Mutex, MutexGuard};

use async_trait::async_trait;
use naeil_domain::ports::{PredictionLog, StoreError};
use naeil_domain::{LoggedPrediction, StockCode};

/// Remembers every answer, and can be told to fail a number of times.
#[derive(Debug, Default)]
pub struct RecordingLog(Mutex<Held>);

#[derive(Debug, Default)]
struct Held {
    answers: Vec<LoggedPrediction>,
    seen: HashSet<(String, String)>,
    failures_left: usize,
}

impl RecordingLog {
    /// Every answer so far, in the order of arrival.
    pub fn answers(&self) -> Vec<LoggedPrediction> {
        self.held().answers.clone()
    }

    /// Lets the next `n` appends fail.
    pub fn fail_next(&self, n: usize) {
        self.held().failures_left = n;
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().expect("no holder of this lock panics")
    }
}

#[async_trait]
impl PredictionLog for RecordingLog {
    async fn append(&self, answers: &[LoggedPrediction]) -> Result<(), StoreError> {
        let mut held = self.held();
        if held.failures_left > 0 {
            held.failures_left -= 1;
            return Err(StoreError::Unavailable {
                doing: "appending to the prediction log",
                source: Box::new(io::Error::other("told to fail")),
            });
        }
        for answer in answers {
            let name = (
                answer.request_id.clone(),
                answer.prediction.id.as_str().to_owned(),
            );
            if held.seen.insert(name) {
                held.answers.push(answer.clone());
            }
        }
        Ok(())
    }

    async fn count(&self, stock_code: &StockCode) -> Result<u64, StoreError> {
        let held = self.held();
        let answers = held.answers.iter();
        Ok(answers
            .filter(|a| a.prediction.stock_code == *stock_code)
            .count() as u64)
    }
}
