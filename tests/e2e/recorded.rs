//! The main job on real recorded bars.

use naeil_tests::binary::Workdir;
use naeil_tests::dev_data::dev_data;
use naeil_tests::server::Server;

#[test]
fn recorded_bars_become_predictions() {
    let Some(file) = dev_data("data/krx_demo_mit_2008_2018.csv.gz") else {
        return;
    };
    let workdir = Workdir::new();
    let report = workdir.json(["import".as_ref(), file.as_os_str()]);
    assert_eq!(report[0]["rows_read"], 29_829, "{report}");

    let outcome = workdir.json(["retrain"]);
    assert_eq!(outcome["verdict"], "PROMOTE", "{outcome}");

    let server = Server::start(&workdir);
    let token = workdir.ok(["token"]).trim().to_owned();
    let client = server.client().with_token(&token);
    let reply = client.get("/api/v1/ai/predict/035250?horizon=5d");
    assert_eq!(reply.status, 200, "{}", reply.body);
    let body = reply.json();
    assert_eq!(body["as_of"], "2018-03-16");
    assert_eq!(body["target_session"], "2018-03-23");
    assert_eq!(body["stale"], true);
    assert!(
        !body["reasons"].to_string().contains("simulated_data"),
        "{body}"
    );

    // Its series ends a month before the file does.
    let reply = client.get("/api/v1/ai/predict/005930?horizon=5d");
    assert_eq!(reply.status, 422, "{}", reply.body);
    let detail = reply.json()["detail"].as_str().unwrap().to_owned();
    assert!(
        detail.starts_with("cannot generate prediction: "),
        "{detail}"
    );
}
