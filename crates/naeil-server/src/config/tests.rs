use std::collections::BTreeMap;
use std::io::Write as _;

use super::resolve::ValueSource;
use super::*;

fn vars(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
        .collect()
}

fn file(text: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

#[test]
fn environment_wins_over_file_wins_over_default() {
    let file = file("[http]\nbind = \"127.0.0.1:9000\"\nworkers = 3\n");
    let resolved = resolve(
        Some(file.path()),
        &vars(&[("NAEIL_HTTP__WORKERS", "5"), ("HOME", "/")]),
    )
    .unwrap();
    assert_eq!(resolved.config.http.bind, "127.0.0.1:9000");
    assert_eq!(resolved.config.http.workers, 5);
    assert_eq!(resolved.config.http.shutdown_seconds, 5);
    let source = |key: &str| {
        resolved
            .entries()
            .into_iter()
            .find(|(k, ..)| k == key)
            .unwrap()
            .2
    };
    assert_eq!(
        source("http.bind"),
        ValueSource::File(file.path().to_owned())
    );
    assert_eq!(
        source("http.workers"),
        ValueSource::Variable("NAEIL_HTTP__WORKERS".to_owned())
    );
    assert_eq!(source("http.shutdown_seconds"), ValueSource::Default);
}

#[test]
fn every_setting_can_be_set_from_the_environment() {
    let other: BTreeMap<&str, &str> = BTreeMap::from([
        ("data_dir", "/elsewhere"),
        ("log.format", "text"),
        ("log.filter", "debug"),
        ("store.url", "sqlite::memory:"),
        ("registry.dir", "/models"),
        (
            "bundle.trusted_keys",
            "7ed41b33e377e431ce202019f6c827ce78353789c4e3fbd6576508a5646e7819",
        ),
        ("bundle.not_before", "2026-01-31T00:00:00Z"),
        ("calendar.overrides", "/calendar.csv"),
        ("http.bind", "127.0.0.1:1"),
        ("auth.jwt_secret", "0123456789abcdef0123456789abcdef"),
        ("auth.audience", "apps"),
        ("auth.issuer", "us"),
        ("retrain.policy", "fixed"),
        ("retrain.dropout", "0.1"),
        ("retrain.learning_rate", "0.01"),
        ("retrain.min_gain", "0.5"),
        ("retrain.observed_calendar", "true"),
        ("universe.always", "005930,000660"),
        ("universe.spacs", "true"),
    ]);
    let defaults = resolve(None, &BTreeMap::new()).unwrap();
    for (key, default, _) in defaults.entries() {
        let variable = format!("NAEIL_{}", key.replace('.', "__").to_uppercase());
        let text = other.get(key.as_str()).copied().unwrap_or("7");
        let resolved = resolve(None, &vars(&[(&variable, text)]))
            .unwrap_or_else(|e| panic!("{variable}={text}: {e}"));
        let (_, value, source) = resolved
            .entries()
            .into_iter()
            .find(|(k, ..)| *k == key)
            .unwrap();
        assert_ne!(value, default, "{variable} has no effect");
        assert_eq!(source, ValueSource::Variable(variable));
    }
}

#[test]
fn unknown_keys_are_refused_with_the_nearest_one() {
    let check = |file_text: Option<&str>, variables: &[(&str, &str)], expected: &str| {
        let file = file_text.map(file);
        let error = resolve(file.as_ref().map(|f| f.path()), &vars(variables))
            .unwrap_err()
            .to_string();
        assert!(
            error.contains(expected),
            "{error}\nshould contain\n{expected}"
        );
    };
    check(
        None,
        &[("NAEIL_HTTP__BNID", "x")],
        "unknown setting 'http.bnid' in NAEIL_HTTP__BNID, did you mean 'http.bind'?",
    );
    check(
        None,
        &[("NAEIL_BIND", "x")],
        "unknown setting 'bind' in NAEIL_BIND; 'naeil config",
    );
    check(
        Some("[serving]\ndeadline = 3\n"),
        &[],
        "did you mean 'serving.deadline_ms'?",
    );
    check(Some("[http\n"), &[], "is not valid TOML");
    check(Some("[http]\nworkers = \"many\"\n"), &[], "workers");
    check(
        None,
        &[("NAEIL_HTTP__WORKERS", "0")],
        "setting 'http.workers' is 0, it must be at least 1",
    );
    check(
        None,
        &[("NAEIL_HTTP__WORKERS", "5000")],
        "setting 'http.workers' is 5000, it must be at most 1024",
    );
    check(
        None,
        &[("NAEIL_HTTP__BIND", "8080")],
        "setting 'http.bind' is '8080', it must be an address",
    );
    check(
        None,
        &[("NAEIL_AUTH__JWT_SECRET_FILE", "/no/such")],
        "cannot read the secret file /no/such",
    );
    check(
        None,
        &[
            ("NAEIL_AUTH__JWT_SECRET", "a"),
            ("NAEIL_AUTH__JWT_SECRET_FILE", "b"),
        ],
        "NAEIL_AUTH__JWT_SECRET and NAEIL_AUTH__JWT_SECRET_FILE are both set",
    );
}

#[test]
fn a_secret_may_come_from_a_file_and_is_never_shown() {
    let canary = "canary-0123456789-0123456789-0123456789";
    let file = file(&format!("{canary}\n"));
    let path = file.path().display().to_string();
    let resolved = resolve(None, &vars(&[("NAEIL_AUTH__JWT_SECRET_FILE", &path)])).unwrap();
    assert_eq!(
        resolved.config.auth.jwt_secret.as_ref().unwrap().expose(),
        canary
    );
    assert!(!format!("{resolved:?}").contains("canary"));
    let (_, shown, source) = resolved
        .entries()
        .into_iter()
        .find(|(k, ..)| k == "auth.jwt_secret")
        .unwrap();
    assert_eq!(shown, "<redacted>");
    assert_eq!(source.to_string(), "NAEIL_AUTH__JWT_SECRET_FILE");
}

#[test]
fn a_store_s_address_may_come_from_a_file_and_its_password_is_never_shown() {
    let address = "postgres://naeil:canary-0123@db.example:5432/naeil";
    let file = file(&format!("{address}\n"));
    let path = file.path().display().to_string();
    let resolved = resolve(None, &vars(&[("NAEIL_STORE__URL_FILE", &path)])).unwrap();
    assert_eq!(resolved.config.store_url().expose(), address);
    assert!(!format!("{resolved:?}").contains("canary"));
    let (_, shown, source) = resolved
        .entries()
        .into_iter()
        .find(|(key, ..)| key == "store.url")
        .unwrap();
    assert_eq!(shown, "postgres://naeil:***@db.example:5432/naeil");
    assert_eq!(source.to_string(), "NAEIL_STORE__URL_FILE");
}

#[test]
fn a_store_s_address_is_checked_and_not_quoted() {
    let check = |text: &str, expected: &str| {
        let error = resolve(None, &vars(&[("NAEIL_STORE__URL", text)]))
            .unwrap_err()
            .to_string();
        assert!(error.contains(expected), "{error}");
        assert!(!error.contains("canary"), "{error}");
    };
    let accepted = "it must be sqlite://PATH or postgres://USER:PASSWORD@HOST:PORT/DATABASE";
    check(
        "mysql://naeil:canary@db/naeil",
        &format!("setting 'store.url' is an address of 'mysql', {accepted}"),
    );
    check("postgres://naeil:can@canary@db/naeil", "%40 for @");
    let both = [
        ("NAEIL_STORE__URL", "sqlite::memory:"),
        ("NAEIL_STORE__URL_FILE", "b"),
    ];
    let error = resolve(None, &vars(&both)).unwrap_err().to_string();
    assert!(error.contains("are both set, keep one"), "{error}");
}

#[test]
fn a_numeric_secret_stays_text() {
    let digits = "0123456789012345678901234567890123456789";
    let resolved = resolve(None, &vars(&[("NAEIL_AUTH__JWT_SECRET", digits)])).unwrap();
    assert_eq!(
        resolved.config.auth.jwt_secret.as_ref().unwrap().expose(),
        digits
    );
}

#[test]
fn the_example_is_the_defaults_and_documents_every_setting() {
    let example = example();
    let file = file(&example);
    let from_example = resolve(Some(file.path()), &BTreeMap::new()).unwrap();
    let defaults = resolve(None, &BTreeMap::new()).unwrap();
    let values = |r: &ResolvedConfig| -> Vec<_> {
        r.entries()
            .into_iter()
            .map(|(key, value, _)| (key, value))
            .collect()
    };
    assert_eq!(values(&from_example), values(&defaults));
    for (key, ..) in defaults.entries() {
        let name = key.rsplit('.').next().unwrap();
        assert!(
            example.contains(&format!("{name} =")),
            "{key} is missing from the example"
        );
    }
    let schema = schema().to_string();
    assert!(schema.contains("\"additionalProperties\":false"));
}

#[test]
fn a_file_that_cannot_be_parsed_is_not_quoted() {
    let file = file("[auth]\njwt_secret = \"canary-0123456789\n");
    let error = resolve(Some(file.path()), &BTreeMap::new())
        .unwrap_err()
        .to_string();
    assert!(error.contains("line 2"), "{error}");
    assert!(!error.contains("canary"), "{error}");
}

#[test]
fn the_command_line_is_a_source_too() {
    let mut resolved = resolve(None, &vars(&[("NAEIL_DATA_DIR", "/a")])).unwrap();
    resolved.set_data_dir("/b".into());
    let entries = resolved.entries();
    let (_, value, source) = entries.iter().find(|(key, ..)| key == "data_dir").unwrap();
    assert_eq!(value, "/b");
    assert_eq!(source.to_string(), "--data-dir");
}
