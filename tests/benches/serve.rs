//! Requests a second of the real server, by wrk on the loopback interface.

use std::process::Command;

use anyhow::Context as _;
use naeil_tests::binary::Workdir;
use naeil_tests::figures::{head, row};
use naeil_tests::server::Server;

/// What wrk calls at the end: percentiles that its own report leaves out.
const REPORT: &str = r#"
local codes, i = {}, 0
for code in io.lines(os.getenv("NAEIL_BENCH_CODES")) do codes[#codes + 1] = code end
request = function()
  i = i % #codes + 1
  return wrk.format("GET", "/api/v1/ai/predict/" .. codes[i] .. "?horizon=1d")
end
done = function(summary, latency, requests)
  local e = summary.errors
  io.write(string.format("RESULT %f %f %f %d\n",
    summary.requests / (summary.duration / 1e6),
    latency:percentile(50) / 1e3, latency:percentile(95) / 1e3,
    e.connect + e.read + e.write + e.status + e.timeout))
end
"#;

fn main() -> anyhow::Result<()> {
    install_wrk()?;
    let mut workdir = Workdir::new();
    // 300 simulated stocks and a network of the default size; how well it is trained does not
    // change what an answer costs.
    workdir.set("NAEIL_RETRAIN__HIDDEN_SIZE", "128");
    workdir.set("NAEIL_LOG__FILTER", "warn");
    workdir.ok(["simulate", "--sessions", "400", "--until", "2026-11-20"]);
    workdir.ok(["retrain"]);
    head(
        "Serving",
        &[
            "what",
            "connections",
            "requests/s",
            "p50 ms",
            "p95 ms",
            "errors",
        ],
    );
    measure(&workdir, "cache hit, in process")?;
    workdir.set("NAEIL_SERVING__CACHE_ENTRIES", "0");
    measure(&workdir, "cache miss (no cache)")
}

fn measure(workdir: &Workdir, what: &str) -> anyhow::Result<()> {
    let server = Server::start(workdir);
    let token = workdir.ok(["token", "--minutes", "600"]).trim().to_owned();
    let codes = answering_codes(&server, &token)?;
    let script = workdir.path().join("report.lua");
    std::fs::write(&script, REPORT)?;
    let list = workdir.path().join("codes.txt");
    std::fs::write(&list, codes.join("\n"))?;
    for connections in ["1", "16", "100"] {
        let output = Command::new("wrk")
            .args([
                "--threads",
                "1",
                "--connections",
                connections,
                "--duration",
                "8s",
            ])
            .args([
                "--header",
                &format!("Authorization: Bearer {token}"),
                "--script",
            ])
            .arg(&script)
            .arg(server.url())
            .env("NAEIL_BENCH_CODES", &list)
            .output()
            .context("cannot run wrk")?;
        let text = String::from_utf8_lossy(&output.stdout);
        let result: Vec<f64> = text
            .lines()
            .find_map(|line| line.strip_prefix("RESULT "))
            .with_context(|| format!("wrk gave no result: {text}"))?
            .split(' ')
            .map(str::parse)
            .collect::<Result<_, _>>()?;
        let [rate, p50, p95, errors] = result[..] else {
            anyhow::bail!("wrk said {text}")
        };
        row(&[
            what,
            connections,
            &format!("{rate:.0}"),
            &format!("{p50:.2}"),
            &format!("{p95:.2}"),
            &format!("{errors:.0}"),
        ]);
    }
    Ok(())
}

/// Codes of the market that can be predicted: a delisted one answers 422, which is not what is
/// measured. Asking them all also fills the cache.
fn answering_codes(server: &Server, token: &str) -> anyhow::Result<Vec<String>> {
    let client = server.client().with_token(token);
    let known = std::iter::once(5_930).chain((10..2_000_u32).map(|i| i * 10));
    let codes: Vec<String> = known
        .map(|code| format!("{code:06}"))
        .filter(|code| client.get(&format!("/api/v1/ai/predict/{code}")).status == 200)
        .take(200)
        .collect();
    anyhow::ensure!(!codes.is_empty(), "no code of the market can be predicted");
    Ok(codes)
}

/// Debian's wrk, installed if it is missing.
fn install_wrk() -> anyhow::Result<()> {
    if Command::new("wrk").arg("--version").output().is_ok() {
        return Ok(());
    }
    let status = Command::new("apt-get")
        .args(["install", "--yes", "wrk"])
        .status();
    anyhow::ensure!(
        status.is_ok_and(|status| status.success()),
        "wrk is missing and 'apt-get install wrk' failed: install it by hand"
    );
    Ok(())
}
