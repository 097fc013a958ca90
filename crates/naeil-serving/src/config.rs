//! Settings of the prediction service.

use std::time::Duration;

/// How much the service takes on at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceConfig {
    /// Requests that may wait for the model; one more is refused as overload. Default 256.
    pub queue_capacity: usize,
    /// Windows that waiting requests are merged to at most in one forward pass. Default 256.
    pub max_batch: usize,
    /// Time from question to answer after which the caller is told that it took too long.
    /// Default 5 s.
    pub deadline: Duration,
    /// Answers that may wait to be logged; one more is dropped and counted. Default 20,000.
    pub log_capacity: usize,
    /// Answers that are logged in one go at most. Default 500.
    pub log_batch: usize,
    /// Pause before an append to the log that failed is tried again. Default 200 ms.
    pub log_retry_delay: Duration,
}

impl Default for ServiceConfig {
    fn default() -> Self {
        Self {
            queue_capacity: 256,
            max_batch: 256,
            deadline: Duration::from_secs(5),
            log_capacity: 20_000,
            log_batch: 500,
            log_retry_delay: Duration::from_millis(200),
        }
    }
}

impl ServiceConfig {
    /// Small limits that a test can reach.
    pub fn for_testing() -> Self {
        Self {
            queue_capacity: 4,
            max_batch: 8,
            deadline: Duration::from_secs(60),
            log_capacity: 64,
            log_batch: 8,
            log_retry_delay: Duration::from_millis(1),
        }
    }

    /// Refuses settings with which nothing could be answered.
    ///
    /// # Errors
    /// [`InvalidServiceConfig`] naming the setting that is 0.
    pub fn validate(&self) -> Result<(), InvalidServiceConfig> {
        let settings = [
            ("queue_capacity", self.queue_capacity == 0),
            ("max_batch", self.max_batch == 0),
            ("deadline", self.deadline.is_zero()),
            ("log_capacity", self.log_capacity == 0),
            ("log_batch", self.log_batch == 0),
        ];
        match settings.into_iter().find(|(_, is_zero)| *is_zero) {
            Some((setting, _)) => Err(InvalidServiceConfig { setting }),
            None => Ok(()),
        }
    }
}

/// A setting with which nothing could be answered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the service's setting {setting} is 0, it must be at least 1")]
pub struct InvalidServiceConfig {
    /// The setting's name.
    pub setting: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_of_zero_is_named() {
        assert_eq!(ServiceConfig::default().validate(), Ok(()));
        let config = ServiceConfig {
            log_batch: 0,
            ..ServiceConfig::default()
        };
        let error = config.validate().unwrap_err();
        assert!(error.to_string().contains("log_batch"), "{error}");
    }
}
