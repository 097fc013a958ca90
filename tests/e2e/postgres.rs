//! The store in PostgreSQL: the whole job, and what must not be seen of its address.

use naeil_tests::binary::{Ran, Workdir};
use naeil_tests::database::{Database, StoredWorkdir};
use naeil_tests::killed_import::write_files;
use naeil_tests::server::Server;
use serde_json::Value;

use crate::market::{simulate, trained};

/// What the tests' own server asks for; where another one asks for none, any will do.
const PASSWORD: &str = "canary-0123456789";

/// The store's address with a password in it.
fn with_password(place: &StoredWorkdir) -> String {
    let url = place.store_url();
    url.replace("://naeil@", &format!("://naeil:{PASSWORD}@"))
}

/// An empty store in PostgreSQL, its address in a file and everything that can be logged logged.
fn postgres() -> Option<StoredWorkdir> {
    let mut place = Database::Postgres.workdir_or_skip()?;
    let url = with_password(&place);
    assert!(url.contains(PASSWORD), "{url}");
    let file = place.workdir.path().join("address");
    std::fs::write(&file, format!("{url}\n")).unwrap();
    place.workdir.unset("NAEIL_STORE__URL");
    place
        .workdir
        .set("NAEIL_STORE__URL_FILE", file.to_str().unwrap());
    place.workdir.set("NAEIL_LOG__FILTER", "debug");
    Some(place)
}

/// Runs a command, and looks for the password in what it says.
fn run(workdir: &Workdir, args: &[&str]) -> Ran {
    let ran = workdir.run(args);
    for said in [&ran.stdout, &ran.stderr] {
        assert!(!said.contains("canary"), "{args:?}: {said}");
    }
    ran
}

fn json(workdir: &Workdir, args: &[&str]) -> Value {
    let ran = run(workdir, &[args, &["--output", "json"]].concat());
    assert_eq!(ran.code, Some(0), "{args:?}: {}", ran.stderr);
    serde_json::from_str(&ran.stdout).unwrap()
}

/// What an answer says, without when it was given.
fn said(answer: &Value) -> Value {
    let mut said = answer.clone();
    said.as_object_mut().unwrap().remove("predicted_at");
    said
}

/// The same without what names the model that was trained.
fn said_by_any(answer: &Value) -> Value {
    let mut said = said(answer);
    said.as_object_mut().unwrap().remove("prediction_id");
    said
}

fn each(answers: &Value, of: fn(&Value) -> Value) -> Vec<Value> {
    answers.as_array().unwrap().iter().map(of).collect()
}

#[test]
fn the_whole_job_gives_in_postgres_what_it_gives_in_sqlite() {
    let Some(place) = postgres() else {
        return;
    };
    let workdir = &place.workdir;
    simulate(workdir);
    let outcome = json(workdir, &["retrain"]);
    assert_eq!(outcome["verdict"], "PROMOTE", "{outcome}");

    let question = ["predict", "005930", "000660"];
    let answers = json(workdir, &question);
    let expected = trained().json(question);
    assert_eq!(answers.as_array().map(Vec::len), Some(6));
    assert_eq!(each(&answers, said_by_any), each(&expected, said_by_any));
    let again = json(workdir, &question);
    assert_eq!(each(&answers, said), each(&again, said));

    let ledger = json(workdir, &["ledger"]);
    assert_eq!(ledger.as_array().unwrap().len(), 1, "{ledger}");
    assert_eq!(ledger[0]["verdict"], "PROMOTE");

    // A server, and another one after it, say the same.
    let token = workdir.ok(["token"]).trim().to_owned();
    let mut bodies = Vec::new();
    for _ in 0..2 {
        let server = Server::start(workdir);
        let client = server.client().with_token(&token);
        let reply = client.get("/api/v1/ai/predict/005930?horizon=1d");
        assert_eq!(reply.status, 200, "{}", reply.body);
        bodies.push(reply.json());
        let (status, log) = server.stop();
        assert_eq!(status.code(), Some(0), "{log}");
        assert!(!log.contains("canary"), "{log}");
    }
    assert_eq!(said(&bodies[0]), said(&bodies[1]));

    // Nothing of it went into the file that SQLite would have made.
    assert!(!workdir.path().join("naeil.db").exists());
}

#[test]
fn the_address_is_shown_without_its_password() {
    let Some(place) = postgres() else {
        return;
    };
    let workdir = &place.workdir;
    let shown = with_password(&place).replace(PASSWORD, "***");
    let ran = run(workdir, &["config", "show"]);
    let line = ran.stdout.lines().find(|l| l.starts_with("store.url"));
    assert!(line.is_some_and(|l| l.contains(&shown)), "{}", ran.stdout);
    assert!(line.is_some_and(|l| l.ends_with("NAEIL_STORE__URL_FILE")));

    let findings = json(workdir, &["doctor"]);
    let mut findings = findings.as_array().unwrap().iter();
    let store = findings.find(|f| f["what"] == "store").unwrap();
    assert_eq!(store["health"], "ok", "{store}");
    assert_eq!(store["found"], shown.as_str());
}

#[test]
fn a_server_that_cannot_be_used_is_named_without_its_password() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = taken.local_addr().unwrap().port();
    drop(taken);
    let mut workdir = Workdir::new();
    let address = format!("postgres://naeil:{PASSWORD}@127.0.0.1:{nobody}/naeil");
    workdir.set("NAEIL_STORE__URL", &address);
    workdir.set("NAEIL_LOG__FILTER", "debug");
    for args in [&["ledger"][..], &["doctor"], &["retrain"]] {
        assert_eq!(run(&workdir, args).code, Some(1), "{args:?}");
    }
    for (address, expected) in [
        (format!("mysql://naeil:{PASSWORD}@db/naeil"), "postgres://"),
        (format!("postgres://naeil:{PASSWORD}@x@db/naeil"), "%40"),
    ] {
        workdir.set("NAEIL_STORE__URL", &address);
        let ran = run(&workdir, &["config", "check"]);
        assert_eq!(ran.code, Some(3), "{}", ran.stderr);
        assert!(ran.stderr.contains("store.url"), "{}", ran.stderr);
        assert!(ran.stderr.contains(expected), "{}", ran.stderr);
    }
}

#[test]
fn a_second_import_corrects() {
    for database in Database::ALL {
        let Some(place) = database.workdir_or_skip() else {
            continue;
        };
        let workdir = &place.workdir;
        let files = ["first.csv", "second.csv"].map(|name| workdir.path().join(name));
        let n_bars = write_files(&files, 30, 60).unwrap();
        let [first, second] = files.each_ref().map(|file| file.to_str().unwrap());

        let report = json(workdir, &["import", first]);
        assert_eq!(report[0]["stored"], n_bars, "{report}");
        let report = json(workdir, &["import", second]);
        let corrected = report[0]["corrected"].as_u64().unwrap();
        assert!(corrected > 0, "{report}");
        assert_eq!(report[0]["stored"], 0, "{report}");
        assert_eq!(
            report[0]["unchanged"],
            n_bars as u64 - corrected,
            "{report}"
        );
        let report = json(workdir, &["import", second]);
        assert_eq!(report[0]["corrected"], 0, "{report}");
        assert_eq!(report[0]["unchanged"], n_bars, "{report}");
    }
}
