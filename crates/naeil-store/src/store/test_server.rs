//! The tests' PostgreSQL, or a word on why a test does nothing.

use naeil_services::test_database::TestDatabase;

/// An empty database. It must be there where everything is meant to be tested.
pub(crate) fn test_database() -> Option<TestDatabase> {
    match TestDatabase::create() {
        Ok(database) => Some(database),
        Err(error) => {
            let required = std::env::var_os("NAEIL_REQUIRE_SERVICES").is_some_and(|v| v == "1");
            assert!(!required && !is_root(), "no PostgreSQL: {error:#}");
            eprintln!("skipped: no PostgreSQL: {error:#}");
            None
        }
    }
}

/// Whoever can install a server has no reason to be without.
fn is_root() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let uid = status.lines().find_map(|line| line.strip_prefix("Uid:"));
    uid.is_some_and(|uid| uid.split_whitespace().next() == Some("0"))
}
