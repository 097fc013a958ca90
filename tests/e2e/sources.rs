//! Bars from other people: files by layout, and the exchange's Open API on a local server.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use naeil_tests::binary::Workdir;

const KEY: &str = "0123456789ABCDEF0123456789ABCDEF01234567";

#[test]
fn a_file_of_another_layout_is_recognised_and_imported() {
    let workdir = Workdir::new();
    let file = workdir.path().join("005930.csv");
    let text = "Date,Open,High,Low,Close,Volume,Change\n\
        2024-01-02,78200,79800,78200,79600,17142847,\n2024-01-03,0,0,0,79600,0,0.0\n";
    std::fs::write(&file, text).unwrap();
    let plain = workdir.run(["import".as_ref(), file.as_os_str()]);
    assert_eq!(plain.code, Some(4), "{}", plain.stderr);
    assert!(
        plain.stderr.contains("try --layout financedatareader"),
        "{}",
        plain.stderr
    );
    let layout = ["import", "--layout", "financedatareader"];
    let lacking = workdir.run(
        layout
            .iter()
            .copied()
            .map(AsRef::as_ref)
            .chain([file.as_os_str()]),
    );
    assert_eq!(lacking.code, Some(4), "{}", lacking.stderr);
    assert!(
        lacking.stderr.contains("--market KOSPI"),
        "{}",
        lacking.stderr
    );
    let market = ["--market", "KOSPI"];
    let args = layout.iter().chain(&market).copied().map(AsRef::as_ref);
    let report = workdir.json(args.chain([file.as_os_str()]));
    assert_eq!(report[0]["stored"], 2, "{report}");
    let listed = workdir.json(["import", "--list-layouts"]);
    assert!(listed.as_array().unwrap().len() >= 4, "{listed}");
    let actions = workdir.path().join("actions.csv");
    std::fs::write(
        &actions,
        "code,session,kind,ratio\n005930,2024-01-03,split,50\n",
    )
    .unwrap();
    let report = workdir.json(["import".as_ref(), "--actions".as_ref(), actions.as_os_str()]);
    assert_eq!(report["actions_stored"], 1, "{report}");
}

#[test]
fn a_fetch_that_was_cut_off_goes_on_and_never_shows_its_key() {
    let (base_url, n_calls) = exchange();
    let mut workdir = Workdir::new();
    let unset = workdir.run(["fetch", "krx", "--from", "2024-01-02"]);
    assert_eq!(unset.code, Some(3), "{}", unset.stderr);
    assert!(
        unset.stderr.contains("NAEIL_SOURCES__KRX__AUTH_KEY_FILE"),
        "{}",
        unset.stderr
    );
    let key_file = workdir.path().join("key");
    std::fs::write(&key_file, format!("{KEY}\n")).unwrap();
    workdir.set(
        "NAEIL_SOURCES__KRX__AUTH_KEY_FILE",
        key_file.to_str().unwrap(),
    );
    workdir.set("NAEIL_SOURCES__KRX__BASE_URL", &base_url);
    workdir.set("NAEIL_SOURCES__KRX__CALLS_PER_SECOND", "100");
    workdir.set("NAEIL_LOG__FILTER", "trace");
    let days = ["--from", "2024-01-02", "--until", "2024-01-06"];
    let fetch = || ["fetch", "krx"].into_iter().chain(days);
    let planned = workdir.json(fetch().chain(["--dry-run"]));
    assert_eq!(
        planned["would_fetch"].as_array().unwrap().len(),
        4,
        "{planned}"
    );
    assert_eq!(n_calls.load(Ordering::Relaxed), 0);
    // The fourth call, the second market of the second session, is turned away.
    let cut_off = workdir.run(fetch());
    assert_eq!(cut_off.code, Some(3), "{}", cut_off.stderr);
    assert!(
        cut_off.stderr.contains("1 of 4 sessions are stored"),
        "{}",
        cut_off.stderr
    );
    assert!(
        cut_off.stderr.contains("nothing of 2024-01-03"),
        "{}",
        cut_off.stderr
    );
    let report = workdir.json(fetch());
    assert_eq!(report["fetched_before"], 1, "{report}");
    assert_eq!(report["fetched"], 3, "{report}");
    assert_eq!(report["bars_stored"], 6, "{report}");
    assert_eq!(n_calls.load(Ordering::Relaxed), 4 + 6);
    let shown = workdir.ok(["config", "show"]);
    for text in [&cut_off.stderr, &cut_off.stdout, &shown] {
        // Nor a part of it, as a log of the bytes on the wire would show it.
        for part in [&KEY[..8], &KEY[8..16]] {
            assert!(!text.contains(part), "{text}");
        }
    }
}

#[test]
fn a_database_that_is_not_configured_is_told_how() {
    let ran = Workdir::new().run(["fetch", "database"]);
    assert_eq!(ran.code, Some(3), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("NAEIL_SOURCES__DATABASE__URL_FILE"),
        "{}",
        ran.stderr
    );
}

/// A server that replies as the exchange does, but refuses the fourth call.
fn exchange() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base_url = format!("http://{}/svc/apis/sto", listener.local_addr().unwrap());
    let n_calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&n_calls);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut lines = BufReader::new(&stream).lines().map_while(Result::ok);
            let request = lines.next().unwrap_or_default();
            let n_left = lines.take_while(|line| !line.is_empty()).count();
            assert!(n_left > 0, "{request} has no headers");
            let date = &request.split("basDd=").nth(1).unwrap()[..8];
            let code = if request.contains("stk_") {
                "005930"
            } else {
                "247540"
            };
            let status = match counted.fetch_add(1, Ordering::Relaxed) {
                3 => 401,
                _ => 200,
            };
            let body = format!(
                "{{\"OutBlock_1\":[{{\"BAS_DD\":\"{date}\",\"ISU_CD\":\"{code}\",\"ISU_NM\":\"x\",\
                 \"TDD_CLSPRC\":\"1,000\",\"CMPPREVDD_PRC\":\"-10\",\"TDD_OPNPRC\":\"1000\",\
                 \"TDD_HGPRC\":\"1000\",\"TDD_LWPRC\":\"1000\",\"ACC_TRDVOL\":\"5\"}}]}}"
            );
            let _ = write!(
                stream,
                "HTTP/1.1 {status} x\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            );
        }
    });
    (base_url, n_calls)
}
