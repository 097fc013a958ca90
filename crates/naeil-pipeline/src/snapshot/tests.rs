use std::sync::Arc;

use chrono::{TimeZone as _, Utc};
use naeil_domain::ports::{Clock, FixedClock};

use super::*;
use crate::config::PipelineConfig;
use crate::run_dir::{RunDir, RunId};

fn small_panel(close_of_last: f64) -> BarPanel {
    let sessions: Vec<Session> = ["2024-01-02", "2024-01-03", "2024-01-04"]
        .iter()
        .map(|text| Session::parse(text).unwrap())
        .collect();
    let stock = |code: &str, market| Stock {
        code: StockCode::parse(code).unwrap(),
        name: format!("이름 \"{code}\""),
        market,
        first_session: sessions[0],
        last_session: sessions[2],
    };
    let stocks = vec![
        stock("00104K", Market::Kosdaq),
        stock("005930", Market::Kospi),
    ];
    let mut builder = BarPanelBuilder::new(sessions, stocks);
    let mut set = |stock_idx, session_idx, close: f64, volume: f64, adjustment_factor: f64| {
        let bar = Bar {
            open: close * 0.99,
            high: close * 1.01,
            low: close * 0.98,
            close,
            volume,
            adjustment_factor,
            basis: PriceBasis::AsTraded,
        };
        builder.set(stock_idx, session_idx, &bar);
    };
    set(0, 0, 1234.5, 10.0, 1.0);
    set(0, 2, 250.0, 50.0, 5.0);
    set(1, 1, 70_000.0, 0.0, 1.0);
    set(1, 2, close_of_last, 3.0, 1.0);
    builder.build()
}

/// Writes a snapshot into a run of its own; the folder lives as long as the first value.
fn write(bars: &BarPanel, revision: u64) -> (tempfile::TempDir, RunDir, Digest) {
    let now = Utc.with_ymd_and_hms(2026, 11, 23, 15, 30, 0).unwrap();
    let clock: Arc<dyn Clock> = Arc::new(FixedClock(now));
    let root = tempfile::tempdir().unwrap();
    let id = RunId::new(now, revision);
    let run = RunDir::create(root.path(), id, &PipelineConfig::default()).unwrap();
    let folder = StageFolder::begin(&run, Stage::Extract, &clock).unwrap();
    let written =
        BarSnapshot::write(&folder, bars.clone(), DataOrigin::Simulated, revision).unwrap();
    folder.finish().unwrap();
    (root, run, written.digest)
}

fn read(run: &RunDir) -> Result<BarSnapshot, StageError> {
    let clock: Arc<dyn Clock> = Arc::new(FixedClock(Utc::now()));
    let mut folder = StageFolder::begin(run, Stage::Features, &clock).unwrap();
    BarSnapshot::read(&mut folder)
}

#[test]
fn survives_the_round_trip_bit_by_bit() {
    let bars = small_panel(71_300.0);
    let (_root, run, digest) = write(&bars, 42);
    let read = read(&run).unwrap();
    assert_eq!((read.origin, read.revision), (DataOrigin::Simulated, 42));
    assert_eq!(read.digest, digest);
    assert_eq!(read.bars.sessions(), bars.sessions());
    assert_eq!(read.bars.stocks(), bars.stocks());
    for stock_idx in 0..2 {
        let (found, expected) = (read.bars.stock_bars(stock_idx), bars.stock_bars(stock_idx));
        let bits = |values: &[f64]| values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(found.open), bits(expected.open));
        assert_eq!(bits(found.high), bits(expected.high));
        assert_eq!(bits(found.low), bits(expected.low));
        assert_eq!(bits(found.close), bits(expected.close));
        assert_eq!(bits(found.volume), bits(expected.volume));
    }
}

#[test]
fn the_digest_is_of_the_bars_and_of_nothing_else() {
    let (_a, _, digest) = write(&small_panel(71_300.0), 42);
    let (_b, _, later_revision) = write(&small_panel(71_300.0), 43);
    let (_c, _, another_close) = write(&small_panel(71_301.0), 42);
    assert_eq!(digest, later_revision);
    assert_ne!(digest, another_close);
}

#[test]
fn the_column_file_is_readable_by_its_description() {
    let (_root, run, _) = write(&small_panel(71_300.0), 1);
    let bytes = std::fs::read(run.stage_path(Stage::Extract).join(BARS_FILE)).unwrap();
    let tensors = SafeTensors::deserialize(&bytes).unwrap();
    let volume = tensors.tensor("volume").unwrap();
    assert_eq!(
        (volume.dtype(), volume.shape()),
        (Dtype::F64, &[2_usize, 3][..])
    );
    // Stock 0, session 2: 50 shares at factor 5 are 10 in shares of the first bar.
    assert_eq!(volume.data()[2 * 8..3 * 8], 10.0_f64.to_le_bytes());
}

#[test]
fn nonsense_is_refused() {
    let bars = small_panel(71_300.0);
    let (columns, axes) = (encode_columns(&bars).unwrap(), encode_axes(&bars));
    let check = |columns: &[u8], axes: &[u8], expected: &str| {
        let reason = decode(columns, axes).unwrap_err();
        assert!(reason.contains(expected), "{reason}");
    };
    let text = String::from_utf8(axes.clone()).unwrap();
    check(&columns[..20], &axes, "header");
    check(&columns, b"{}", "missing field");
    check(
        &columns,
        text.replace("2024-01-03", "2024-01-09").as_bytes(),
        "do not ascend",
    );
    check(
        &columns,
        text.replace("KOSDAQ", "NYSE").as_bytes(),
        "unknown market",
    );
    let fewer = encode_axes(&bars.last_sessions(2));
    check(&columns, &fewer, "not 64-bit floats [2, 2]");
}
