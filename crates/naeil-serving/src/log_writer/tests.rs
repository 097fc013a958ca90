use naeil_domain::StockCode;
use naeil_domain::ports::StoreError;
use naeil_test_support::builders::PredictionBuilder;
use naeil_test_support::fakes::RecordingLog;
use tokio::sync::Semaphore;

use super::*;

/// A log each of whose appends waits for a permit.
struct SlowLog {
    log: RecordingLog,
    permits: Semaphore,
    appends: Semaphore,
}

impl SlowLog {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            log: RecordingLog::default(),
            permits: Semaphore::new(0),
            appends: Semaphore::new(0),
        })
    }
}

#[async_trait::async_trait]
impl PredictionLog for SlowLog {
    async fn append(&self, answers: &[LoggedPrediction]) -> Result<(), StoreError> {
        self.appends.add_permits(1);
        let permit = self.permits.acquire().await.unwrap();
        permit.forget();
        self.log.append(answers).await
    }

    async fn count(&self, stock_code: &StockCode) -> Result<u64, StoreError> {
        self.log.count(stock_code).await
    }
}

fn answer(request: usize) -> LoggedPrediction {
    PredictionBuilder::new("005930").logged(&format!("request-{request}"))
}

fn config() -> ServiceConfig {
    ServiceConfig {
        log_capacity: 3,
        log_batch: 2,
        ..ServiceConfig::for_testing()
    }
}

#[tokio::test]
async fn what_waits_is_written_at_shutdown() {
    let log = Arc::new(RecordingLog::default());
    let metrics = ServingMetrics::default();
    let writer = LogWriter::spawn(log.clone(), &config(), &metrics);
    // This test's task does not yield, so nothing is written before the shutdown.
    for request in 0..3 {
        writer.write(answer(request));
    }
    assert_eq!(log.answers().len(), 0);
    writer.shutdown().await;
    let requests: Vec<String> = log.answers().into_iter().map(|a| a.request_id).collect();
    assert_eq!(requests, ["request-0", "request-1", "request-2"]);
    assert_eq!(metrics.log_dropped.get(), 0);

    writer.write(answer(3));
    writer.shutdown().await;
    assert_eq!(metrics.log_dropped.get(), 1, "after the end it is counted");
}

#[tokio::test]
async fn a_full_queue_drops_and_counts_without_waiting() {
    let log = SlowLog::new();
    let metrics = ServingMetrics::default();
    let writer = LogWriter::spawn(log.clone(), &config(), &metrics);
    writer.write(answer(0));
    // The first answer is on its way; three more fit into the queue, two do not.
    log.appends.acquire().await.unwrap().forget();
    for request in 1..6 {
        writer.write(answer(request));
    }
    assert_eq!(metrics.log_dropped.get(), 2);
    log.permits.add_permits(10);
    writer.shutdown().await;
    assert_eq!(log.log.answers().len(), 4);
}

#[tokio::test]
async fn a_failed_append_is_tried_again_and_given_up_in_the_end() {
    let log = Arc::new(RecordingLog::default());
    let metrics = ServingMetrics::default();
    log.fail_next(2);
    let writer = LogWriter::spawn(log.clone(), &config(), &metrics);
    writer.write(answer(0));
    writer.shutdown().await;
    assert_eq!(log.answers().len(), 1, "the third attempt succeeds");

    log.fail_next(3);
    let writer = LogWriter::spawn(log.clone(), &config(), &metrics);
    writer.write(answer(1));
    writer.write(answer(2));
    writer.shutdown().await;
    assert_eq!(log.answers().len(), 1);
    assert_eq!(metrics.log_dropped.get(), 2);
}
