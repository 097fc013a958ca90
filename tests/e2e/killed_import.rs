//! Imports that are killed, a tenth of what `cargo xtask prove import` kills.

use naeil_tests::database::Database;
use naeil_tests::killed_import::{KilledImport, Shares};

const KILLS: usize = 10;

fn check(database: Database) {
    if database.workdir_or_skip().is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let imports = KilledImport::prepare(folder.path(), database, 30, 320).unwrap();
    eprintln!(
        "{}: undisturbed {:?}",
        database.as_str(),
        imports.undisturbed
    );
    for (kill, share) in Shares::new(2).take(KILLS).enumerate() {
        let left = imports.kill(kill % 2, share).unwrap();
        eprintln!("{}: {share:.3} left {left:?}", database.as_str());
    }
}

#[test]
fn an_import_into_sqlite_that_is_killed_leaves_all_or_nothing() {
    check(Database::Sqlite);
}

#[test]
fn an_import_into_postgres_that_is_killed_leaves_all_or_nothing() {
    check(Database::Postgres);
}
