//! `cargo xtask services` as one uses it, and as it dies.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on should say where it stopped"
)]

use std::io::{BufRead as _, BufReader};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use naeil_services::test_database::TestDatabase;

/// Starts the service, and gives the lines that it printed once it ran.
fn start(service: &str, n_lines: usize) -> (Child, Vec<String>) {
    let mut xtask = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["services", service])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(xtask.stdout.take().unwrap()).lines();
    let lines = lines.take(n_lines).map(Result::unwrap).collect();
    (xtask, lines)
}

fn port(line: &str) -> u16 {
    let after_host = line.split_once("127.0.0.1:").unwrap().1;
    after_host.split('/').next().unwrap().parse().unwrap()
}

fn listens(port: u16) -> bool {
    TcpStream::connect(("127.0.0.1", port)).is_ok()
}

/// The folder of the server that listens on a port, from its command line.
fn folder_of_server(port: u16) -> PathBuf {
    let wanted = format!("port={port}");
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let folder = processes
        .filter_map(|process| std::fs::read(process.path().join("cmdline")).ok())
        .find_map(|bytes| {
            let line = String::from_utf8_lossy(&bytes).into_owned();
            let words: Vec<&str> = line.split('\0').collect();
            let at = words.iter().position(|word| *word == "-D")?;
            words
                .contains(&wanted.as_str())
                .then(|| PathBuf::from(words[at + 1]))
        });
    folder.unwrap().parent().unwrap().to_owned()
}

fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !condition() {
        assert!(Instant::now() < deadline, "still not so: {what}");
        std::thread::park_timeout(Duration::from_millis(50));
    }
}

/// Whether PostgreSQL can be had here at all; says so if not.
fn postgres_can_be_had() -> bool {
    TestDatabase::create_or_skip().is_some()
}

#[test]
fn a_killed_command_takes_its_server_and_its_folder_along() {
    if !postgres_can_be_had() {
        return;
    }
    for signal in ["KILL", "TERM", "INT"] {
        let (mut xtask, lines) = start("postgres", 2);
        let [store, tests] = lines.as_slice() else {
            panic!("{lines:?}");
        };
        let url = store.strip_prefix("NAEIL_STORE__URL=").unwrap();
        assert_eq!(tests.strip_prefix("NAEIL_TEST_POSTGRES="), Some(url));
        let port = port(url);
        assert!(listens(port));
        let folder = folder_of_server(port);
        assert!(folder.join("data").exists());

        let kill = Command::new("kill")
            .args([&format!("-{signal}"), &xtask.id().to_string()])
            .status();
        assert!(kill.unwrap().success());
        assert!(!xtask.wait().unwrap().success());
        wait_until("the server has ended", || !listens(port));
        wait_until("its folder is gone", || !folder.exists());
    }
}

#[test]
fn services_are_listed() {
    let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .arg("services")
        .output()
        .unwrap();
    assert!(output.status.success());
    let said = String::from_utf8(output.stderr).unwrap();
    for name in ["postgres", "redis"] {
        assert!(said.contains(&format!("\n  {name}  ")), "{said}");
    }
}
