//! The trading calendar: against recorded sessions, and in a server that runs while it changes.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use chrono::NaiveDate;
use naeil_domain::{Session, TradingCalendar};
use naeil_store::import::{FileSource, ReadRow, RowSource as _};
use naeil_tests::binary::Workdir;
use naeil_tests::dev_data::dev_data;
use naeil_tests::server::Server;

use crate::market::{UNTIL, fresh_trained};

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// The calendar's sessions that lie between the first and the last of `recorded` and are not among
/// them, and what is among them without being a session.
fn differences(recorded: &BTreeSet<NaiveDate>) -> (Vec<String>, Vec<String>) {
    let (first, last) = (recorded.first().unwrap(), recorded.last().unwrap());
    let sessions: BTreeSet<NaiveDate> = TradingCalendar::xkrx()
        .sessions_between(*first, *last)
        .unwrap()
        .into_iter()
        .map(Session::date)
        .collect();
    let texts = |dates: Vec<&NaiveDate>| dates.into_iter().map(ToString::to_string).collect();
    (
        texts(sessions.difference(recorded).collect()),
        texts(recorded.difference(&sessions).collect()),
    )
}

fn dates_of(file: &Path) -> BTreeSet<NaiveDate> {
    let mut source = FileSource::open(file).unwrap();
    let mut dates = BTreeSet::new();
    let mut more = true;
    while more {
        more = source
            .read(8192, &mut |row| {
                if let ReadRow::Typed(row) = row {
                    dates.insert(row.date);
                }
                Ok(())
            })
            .unwrap();
    }
    dates
}

#[test]
fn six_years_of_recorded_bars_have_the_calendars_sessions() {
    let Some(file) = dev_data("data/krx_daily_2019_2024.parquet") else {
        return;
    };
    let recorded = dates_of(&file);
    assert_eq!(recorded.len(), 1477);
    assert_eq!(differences(&recorded), (vec![], vec![]));
}

/// Closes of the two indices over fifteen years. What is missing from them is missing from the
/// file: the exchange traded on those days, as other series show.
#[test]
fn fifteen_years_of_index_closes_have_the_calendars_sessions() {
    let Some(file) = dev_data("data/krx_index_close_2003_2024.csv.gz") else {
        return;
    };
    let ran = std::process::Command::new("gzip")
        .arg("-dc")
        .arg(&file)
        .output()
        .unwrap();
    assert!(ran.status.success(), "gzip: {ran:?}");
    let text = String::from_utf8(ran.stdout).unwrap();
    let header: Vec<&str> = text.lines().next().unwrap().split(',').collect();
    let place = |name: &str| header.iter().position(|field| *field == name).unwrap();
    let (code, day) = (place("code"), place("date"));
    let missing = |index: &str| {
        let recorded: BTreeSet<NaiveDate> = text
            .lines()
            .skip(1)
            .map(|line| line.split(',').collect::<Vec<_>>())
            .filter(|fields| fields[code] == index)
            .map(|fields| date(fields[day]))
            .filter(|day| *day >= date("2010-01-01"))
            .collect();
        let (missing, extra) = differences(&recorded);
        assert_eq!(extra, [""; 0], "{index} has closes on days without trading");
        missing
    };
    assert_eq!(
        missing("KS11"),
        [
            "2011-10-04",
            "2017-09-22",
            "2017-12-20",
            "2022-01-03",
            "2022-05-09"
        ]
    );
    assert_eq!(
        missing("KQ11"),
        [
            "2017-09-22",
            "2017-12-20",
            "2022-01-03",
            "2022-05-09",
            "2022-12-26"
        ]
    );
}

#[test]
fn a_server_follows_its_override_file() {
    let mut workdir = fresh_trained();
    let file = workdir.path().join("calendar.csv");
    std::fs::write(&file, "# nothing declared yet\n").unwrap();
    workdir.set("NAEIL_CALENDAR__OVERRIDES", file.to_str().unwrap());
    workdir.set("NAEIL_SERVING__REFRESH_SECONDS", "1");
    let server = Server::start(&workdir);
    let token = workdir.ok(["token"]).trim().to_owned();
    let client = server.client().with_token(&token);
    let target = || {
        let reply = client.get("/api/v1/ai/predict/005930?horizon=1d");
        assert_eq!(reply.status, 200, "{}", reply.body);
        let body = reply.json();
        assert_eq!(body["as_of"], UNTIL);
        body["target_session"].as_str().unwrap().to_owned()
    };
    let metric = |line: &str| client.get("/metrics").body.lines().any(|l| l == line);
    let within = Duration::from_secs(30);

    // UNTIL is a Friday; the answer of Monday is in the cache when Monday is declared closed.
    assert_eq!(target(), "2026-11-23");
    std::fs::write(&file, "2026-11-23,closed\n").unwrap();
    server.wait_until("Monday is closed", within, || target() == "2026-11-24");

    std::fs::write(&file, "2026-11-23,closed\n2026-11-24,perhaps\n").unwrap();
    server.wait_until("the broken file shows", within, || {
        metric("naeil_calendar_override_broken 1")
    });
    assert!(metric("naeil_calendar_override_errors_total 1"));
    assert_eq!(target(), "2026-11-24", "a broken file changes nothing");
    let doctor = workdir.run(["doctor"]);
    assert_ne!(doctor.code, Some(0));
    assert!(doctor.stdout.contains("line 2"), "{}", doctor.stdout);

    std::fs::remove_file(&file).unwrap();
    server.wait_until("Monday trades again", within, || target() == "2026-11-23");
    assert!(metric("naeil_calendar_override_broken 0"));
    let (status, log) = server.stop();
    assert_eq!(status.code(), Some(0), "{log}");
    let complaints = log
        .lines()
        .filter(|line| line.contains("line 2: '2026-11-24,perhaps'"));
    assert_eq!(complaints.count(), 1, "{log}");
}

#[test]
fn a_session_whose_bar_is_not_final_is_not_taken() {
    // With a margin of ten years no session of this year is final.
    let mut workdir = Workdir::new();
    workdir.set("NAEIL_CALENDAR__FINAL_AFTER_MINUTES", "5256000");
    let file = workdir.path().join("bars.csv");
    std::fs::write(
        &file,
        "code,name,market,date,open,high,low,close,volume\n\
         005930,Samsung,KOSPI,2011-01-04,9,9,9,9,1\n\
         005930,Samsung,KOSPI,2024-01-04,9,9,9,9,1\n",
    )
    .unwrap();
    let report = workdir.json(["import".as_ref(), file.as_os_str()]);
    assert_eq!(report[0]["stored"], 1, "{report}");
    assert_eq!(report[0]["refused"]["future_date"], 1, "{report}");
}
