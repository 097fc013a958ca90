mod opening;
mod subject;

use naeil_services::test_database::TestDatabase;
use naeil_test_support::suites;

use subject::{Subject, in_a_file, in_a_later_file, in_memory, on_a_later_postgres, on_postgres};

/// Everything that a store promises.
async fn check(fresh: impl AsyncFn() -> Subject) {
    suites::bars::check(&fresh).await;
    suites::history::check(&fresh).await;
    suites::prediction_log::check(&fresh).await;
    suites::ledger::check(&fresh).await;
}

#[tokio::test]
async fn in_memory_it_keeps_every_promise() {
    check(in_memory).await;
}

#[tokio::test]
async fn in_a_file_it_keeps_every_promise() {
    check(in_a_file).await;
}

#[tokio::test]
async fn on_postgres_it_keeps_every_promise() {
    if TestDatabase::create_or_skip().is_some() {
        check(on_postgres).await;
    }
}

/// A binary goes on working while a later one has expanded the schema under it.
#[tokio::test]
async fn on_a_later_schema_it_keeps_every_promise() {
    check(in_a_later_file).await;
    if TestDatabase::create_or_skip().is_some() {
        check(on_a_later_postgres).await;
    }
}
