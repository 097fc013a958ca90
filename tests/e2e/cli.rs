//! The command line: streams, formats, exit codes, configuration.

use naeil_tests::binary::Workdir;

use crate::market::{simulate, trained};

fn check(workdir: &Workdir, args: &[&str], code: i32, stderr: &str) {
    let ran = workdir.run(args);
    assert_eq!(ran.code, Some(code), "{args:?}: {}", ran.stderr);
    assert!(
        ran.stderr.contains(stderr),
        "{args:?}: {}\nshould contain\n{stderr}",
        ran.stderr
    );
    assert_eq!(
        ran.stdout, "",
        "{args:?} failed, so standard output stays empty"
    );
}

#[test]
fn failures_have_their_exit_codes_and_say_what_to_do() {
    let empty = Workdir::new();
    check(&empty, &["frobnicate"], 2, "unrecognized subcommand");
    check(&empty, &["import"], 2, "required");
    check(&empty, &["import", "nowhere.csv"], 4, "nowhere.csv");
    check(&empty, &["predict", "005930"], 5, "no model");
    check(&empty, &["retrain"], 5, "naeil import");
    check(&empty, &["predict", "not a code"], 4, "is not a stock code");
    check(
        &empty,
        &["predict", "005930", "--horizon", "2d"],
        4,
        "choose one of 1d, 5d, 20d",
    );
    check(
        &empty,
        &["--config", "nowhere.toml", "doctor"],
        3,
        "nowhere.toml",
    );

    let mut wrong = Workdir::new();
    wrong.set("NAEIL_HTTP__BNID", "127.0.0.1:0");
    check(&wrong, &["doctor"], 3, "did you mean 'http.bind'?");

    let mut weak = Workdir::new();
    weak.set("NAEIL_AUTH__JWT_SECRET", "too short");
    check(&weak, &["serve"], 3, "NAEIL_AUTH__JWT_SECRET_FILE");
    check(&weak, &["token"], 3, "at least 32");
}

#[test]
fn unknown_codes_end_with_4_and_simulated_bars_refuse_recorded_ones() {
    check(trained(), &["predict", "999999"], 4, "999999");
    let workdir = trained();
    let file = workdir.path().join("bars.csv");
    std::fs::write(
        &file,
        "code,name,market,date,open,high,low,close,volume\n\
         005930,a,KOSPI,2024-01-02,1,1,1,1,1\n",
    )
    .unwrap();
    check(
        workdir,
        &["import", file.to_str().unwrap()],
        4,
        "must not be mixed",
    );
}

#[test]
fn results_are_one_json_document_or_csv_on_standard_output() {
    let document = trained().json(["predict", "005930", "000660"]);
    let answers = document.as_array().unwrap();
    assert_eq!(answers.len(), 6);
    assert_eq!(answers[0]["stock_code"], "005930");
    assert_eq!(answers[0]["horizon"], "1d");

    assert_eq!(answers[0]["simulated"], true, "{document}");
    assert!(answers[0]["disclaimer"]["text"].is_string(), "{document}");

    let csv = trained().ok(["predict", "005930", "--horizon", "1d", "--output", "csv"]);
    assert!(
        csv.starts_with("stock,horizon,prediction,confidence"),
        "{csv}"
    );
    assert_eq!(csv.lines().count(), 2, "{csv}");

    let ledger = trained().json(["ledger"]);
    assert_eq!(ledger.as_array().unwrap().len(), 1, "{ledger}");
    assert_eq!(ledger[0]["verdict"], "PROMOTE");
    assert_eq!(ledger[0]["champion_version"], serde_json::Value::Null);
}

#[test]
fn nothing_moves_on_a_pipe() {
    let workdir = Workdir::new();
    let ran = workdir.run([
        "simulate",
        "--stocks",
        "30",
        "--sessions",
        "320",
        "--until",
        "2026-11-20",
    ]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(
        !ran.stderr.contains('\r') && !ran.stderr.contains('\u{1b}'),
        "{:?}",
        ran.stderr
    );
}

#[test]
fn the_configuration_shows_its_sources_and_no_secret() {
    let mut workdir = Workdir::new();
    let canary = "canary-secret-0123456789-0123456789-0123456789";
    workdir.set("NAEIL_AUTH__JWT_SECRET", canary);
    let shown = workdir.ok(["config", "show", "--redacted"]);
    assert!(
        shown.contains("<redacted>") && !shown.contains(canary),
        "{shown}"
    );
    let line = shown
        .lines()
        .find(|line| line.starts_with("auth.jwt_secret"))
        .unwrap();
    assert!(line.ends_with("NAEIL_AUTH__JWT_SECRET"), "{line}");
    let line = shown
        .lines()
        .find(|line| line.starts_with("http.bind"))
        .unwrap();
    assert!(line.ends_with("default"), "{line}");

    let example = workdir.ok(["config", "example"]);
    let file = workdir.path().join("naeil.toml");
    std::fs::write(&file, example).unwrap();
    workdir.ok(["--config", file.to_str().unwrap(), "config", "check"]);
    let schema = workdir.ok(["config", "schema"]);
    serde_json::from_str::<serde_json::Value>(&schema).unwrap();
}

#[test]
fn a_configuration_is_checked_whole() {
    let refused = [
        ("NAEIL_RETRAIN__DROPOUT", "5", "dropout"),
        ("NAEIL_RETRAIN__BATCH_SIZE", "0", "batch_size"),
        ("NAEIL_UNIVERSE__ALWAYS", "not a code", "not a code"),
        ("NAEIL_CALENDAR__OVERRIDES", "nowhere.csv", "nowhere.csv"),
        ("NAEIL_AUTH__JWT_SECRET", "too short", "at least 32"),
    ];
    for (variable, value, stderr) in refused {
        let mut workdir = Workdir::new();
        workdir.set(variable, value);
        check(&workdir, &["config", "check"], 3, stderr);
    }
}

#[test]
fn a_broken_configuration_does_not_hide_what_mends_it() {
    let mut workdir = Workdir::new();
    workdir.set("NAEIL_NO_SUCH_SETTING", "1");
    check(&workdir, &["config", "show"], 3, "naeil config example");
    for args in [
        &["config", "example"][..],
        &["config", "schema"],
        &["completions", "bash"],
    ] {
        assert!(!workdir.ok(args).is_empty());
    }
}

#[test]
fn wrong_arguments_end_with_2() {
    let workdir = Workdir::new();
    check(&workdir, &["serve", "--bind", "8080"], 2, "--bind");
    check(&workdir, &["token", "--subject", ""], 2, "--subject");
    check(&workdir, &["token", "--minutes", "0"], 2, "--minutes");
}

#[test]
fn a_taken_port_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let args = ["serve", "--bind", &address];
    check(
        &Workdir::new(),
        &args,
        1,
        &format!("cannot listen on {address}"),
    );
}

#[test]
fn the_doctor_finds_a_data_directory_that_is_none() {
    let workdir = Workdir::new();
    let file = workdir.path().join("file");
    std::fs::write(&file, "").unwrap();
    let ran = workdir.run(["doctor".as_ref(), "--data-dir".as_ref(), file.as_os_str()]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    let line = ran.stdout.lines().find(|l| l.starts_with("data directory"));
    assert!(line.is_some_and(|l| l.contains("broken")), "{}", ran.stdout);
}

#[test]
fn a_demo_on_recorded_bars_refuses_a_simulated_market() {
    let workdir = trained();
    let dir = workdir.path().to_str().unwrap();
    let args = [
        "--data-dir",
        dir,
        "demo",
        "--once",
        "--data",
        "bars.parquet",
    ];
    check(workdir, &args, 4, "must not be mixed");
}

#[test]
fn completions_and_manual_pages_know_every_command() {
    let workdir = Workdir::new();
    for shell in ["bash", "zsh", "fish"] {
        let script = workdir.ok(["completions", shell]);
        assert!(
            script.contains("retrain") && script.contains("simulate"),
            "{shell}"
        );
    }
    let dir = workdir.path().join("man");
    workdir.ok(["man", dir.to_str().unwrap()]);
    let page = std::fs::read_to_string(dir.join("naeil-import.1")).unwrap();
    assert!(page.contains("rejects"), "{page}");
    let main = std::fs::read_to_string(dir.join("naeil.1")).unwrap();
    assert!(main.contains("Exit codes"), "{main}");
}

#[test]
fn the_doctor_names_what_is_missing_and_what_is_well() {
    let empty = Workdir::new();
    let findings = empty.json(["doctor"]);
    let of = |what: &str| {
        findings
            .as_array()
            .unwrap()
            .iter()
            .find(|f| f["what"] == what)
            .unwrap()
            .clone()
    };
    assert_eq!(of("bars")["health"], "warning");
    assert!(of("bars")["fix"].as_str().unwrap().contains("naeil import"));
    assert_eq!(of("champion")["health"], "warning");

    let findings = trained().json(["doctor"]);
    let champion = findings
        .as_array()
        .unwrap()
        .iter()
        .find(|f| f["what"] == "champion")
        .unwrap()
        .clone();
    assert_eq!(champion["health"], "ok", "{champion}");
}

#[test]
fn a_damaged_champion_is_broken_to_the_doctor_and_refused() {
    let workdir = crate::market::fresh_trained();
    let mut weights = Vec::new();
    find(workdir.path(), "weights.safetensors", &mut weights);
    let registered = weights
        .iter()
        .find(|path| path.to_string_lossy().contains("registry"))
        .unwrap();
    let mut bytes = std::fs::read(registered).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    let mut permissions = std::fs::metadata(registered).unwrap().permissions();
    #[expect(
        clippy::permissions_set_readonly_false,
        reason = "a file of this test alone"
    )]
    permissions.set_readonly(false);
    std::fs::set_permissions(registered, permissions).unwrap();
    std::fs::write(registered, bytes).unwrap();

    let ran = workdir.run(["doctor"]);
    assert_eq!(ran.code, Some(1), "{}", ran.stdout);
    assert!(ran.stdout.contains("weights.safetensors"), "{}", ran.stdout);
}

fn find(dir: &std::path::Path, name: &str, into: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            find(&path, name, into);
        } else if path.file_name().is_some_and(|n| n == name) {
            into.push(path);
        }
    }
}

#[test]
fn a_second_market_is_refused() {
    let workdir = Workdir::new();
    simulate(&workdir);
    check(
        &workdir,
        &["simulate", "--until", "2026-11-20"],
        4,
        "already holds bars",
    );
}
