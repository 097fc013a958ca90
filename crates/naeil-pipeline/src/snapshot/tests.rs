use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::{Float64Array, RecordBatch};
use chrono::TimeZone as _;
use naeil_domain::ports::{Clock, FixedClock};
use naeil_domain::{Bar, BarPanelBuilder, Market, PriceBasis, Session, Stock, StockCode};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::properties::WriterProperties;

use super::*;
use crate::config::PipelineConfig;
use crate::run_dir::{RunDir, RunId};
use crate::testing::small_market;

fn session(text: &str) -> Session {
    Session::parse(text).unwrap()
}

/// Two stocks, three sessions, four bars, one of them after a 5:1 split, one halted.
fn small_panel(close_of_last: f64) -> BarPanel {
    let sessions = ["2024-01-02", "2024-01-03", "2024-01-04"].map(session);
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
    let mut builder = BarPanelBuilder::new(sessions.to_vec(), stocks);
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

fn snapshot(bars: BarPanel, revision: u64) -> BarSnapshot {
    BarSnapshot {
        digest: data_digest(Exchange::Krx, &bars),
        bars,
        universe: vec![1],
        exchange: Exchange::Krx,
        origin: DataOrigin::Simulated,
        revision,
        as_known_at: Utc.with_ymd_and_hms(2026, 11, 23, 15, 30, 0).unwrap(),
    }
}

/// A written snapshot; its folder lives as long as the first value.
struct Written {
    _root: tempfile::TempDir,
    run: RunDir,
}

impl Written {
    fn new(snapshot: &BarSnapshot) -> Self {
        let now = snapshot.as_known_at;
        let clock: Arc<dyn Clock> = Arc::new(FixedClock(now));
        let root = tempfile::tempdir().unwrap();
        let id = RunId::new(now, snapshot.revision);
        let run = RunDir::create(root.path(), id, &PipelineConfig::default()).unwrap();
        let folder = StageFolder::begin(&run, Stage::Extract, &clock).unwrap();
        snapshot.write(&folder).unwrap();
        folder.finish().unwrap();
        Self { _root: root, run }
    }

    fn dir(&self) -> PathBuf {
        self.run.stage_path(Stage::Extract)
    }

    fn read(&self) -> Result<BarSnapshot, StageError> {
        let clock: Arc<dyn Clock> = Arc::new(FixedClock(Utc::now()));
        let mut folder = StageFolder::begin(&self.run, Stage::Features, &clock).unwrap();
        BarSnapshot::read(&mut folder)
    }

    /// Opens it after one file was changed, and gives the fault.
    fn fault(&self, file: &str, change: impl FnOnce(Vec<u8>) -> Vec<u8>) -> FileFault {
        let path = self.dir().join(file);
        let good = fs::read(&path).unwrap();
        fs::write(&path, change(good.clone())).unwrap();
        let fault = BarSnapshot::open(&self.dir()).unwrap_err();
        fs::write(&path, good).unwrap();
        fault
    }
}

fn bits(bars: &BarPanel) -> Vec<Vec<u64>> {
    let column = |values: &[f64]| values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
    (0..bars.stocks().len())
        .flat_map(|stock_idx| {
            let of = bars.stock_bars(stock_idx);
            [of.open, of.high, of.low, of.close, of.volume].map(column)
        })
        .collect()
}

#[test]
fn survives_the_round_trip_bit_by_bit() {
    for bars in [small_panel(71_300.0), small_market(60, 3)] {
        let written = snapshot(bars, 42);
        let read = Written::new(&written).read().unwrap();
        assert_eq!((read.origin, read.revision), (DataOrigin::Simulated, 42));
        assert_eq!(read.as_known_at, written.as_known_at);
        assert_eq!((read.exchange, &read.universe), (Exchange::Krx, &vec![1]));
        assert_eq!(read.digest, written.digest);
        assert_eq!(read.bars.sessions(), written.bars.sessions());
        assert_eq!(read.bars.stocks(), written.bars.stocks());
        assert_eq!(bits(&read.bars), bits(&written.bars));
    }
}

/// The digest worked out by another program from the module's description:
/// ```text
/// import hashlib, struct, datetime
/// day = lambda s: (datetime.date.fromisoformat(s) - datetime.date(1970, 1, 1)).days
/// text = lambda s: struct.pack('<Q', len(s.encode())) + s.encode()
/// NO = bytes.fromhex('000000000000f87f')
/// f = lambda v: struct.pack('<d', v)
/// b = text('naeil bars 2') + text('XKRX') + struct.pack('<Q', 2)
/// b += struct.pack('<i', day('2024-01-02')) + struct.pack('<i', day('2024-01-03'))
/// b += struct.pack('<Q', 1) + text('005930') + text('KOSPI')
/// b += b''.join(f(v) + NO for v in (10.0, 12.0, 9.0, 11.0, 100.0))
/// hashlib.sha256(b).hexdigest()
/// ```
#[test]
fn the_digest_is_the_described_one() {
    let sessions = ["2024-01-02", "2024-01-03"].map(session);
    let stock = Stock {
        code: StockCode::parse("005930").unwrap(),
        name: "a".to_owned(),
        market: Market::Kospi,
        first_session: sessions[0],
        last_session: sessions[0],
    };
    let mut builder = BarPanelBuilder::new(sessions.to_vec(), vec![stock]);
    let bar = Bar {
        open: 10.0,
        high: 12.0,
        low: 9.0,
        close: 11.0,
        volume: 100.0,
        adjustment_factor: 1.0,
        basis: PriceBasis::AsTraded,
    };
    builder.set(0, 0, &bar);
    let expected = "9e91b0883bac340800709cb36036ba6bceb657e9760c65864e888fd375c35b92";
    assert_eq!(
        data_digest(Exchange::Krx, &builder.build()).to_string(),
        expected
    );
}

#[test]
fn the_digest_is_of_the_bars_and_of_nothing_else() {
    let digest = |bars: &BarPanel| data_digest(Exchange::Krx, bars);
    let bars = small_panel(71_300.0);
    let read = Written::new(&snapshot(bars.clone(), 43)).read().unwrap();
    assert_eq!(digest(&bars), read.digest);
    assert_ne!(digest(&bars), digest(&small_panel(71_301.0)));
    assert_ne!(digest(&bars), digest(&bars.last_sessions(2)));
    assert_ne!(digest(&bars), data_digest(Exchange::Us, &bars));

    // What a later import changes in the table of stocks is not part of it; the market is.
    let renamed = |change: fn(&mut Stock)| {
        let mut stocks = bars.stocks().to_vec();
        stocks.iter_mut().for_each(change);
        let mut builder = BarPanelBuilder::new(bars.sessions().to_vec(), stocks);
        for stock_idx in 0..2 {
            let of = bars.stock_bars(stock_idx);
            for at in (0..3).filter(|&at| !of.close[at].is_nan()) {
                let bar = Bar {
                    open: of.open[at],
                    high: of.high[at],
                    low: of.low[at],
                    close: of.close[at],
                    volume: of.volume[at],
                    adjustment_factor: 1.0,
                    basis: PriceBasis::BackAdjusted,
                };
                builder.set(stock_idx, at, &bar);
            }
        }
        digest(&builder.build())
    };
    let later = |stock: &mut Stock| {
        stock.name = "another".to_owned();
        stock.last_session = session("2024-06-03");
    };
    assert_eq!(renamed(later), digest(&bars));
    assert_ne!(renamed(|stock| stock.market = Market::Konex), digest(&bars));
}

/// Reads the file's batches and writes them with other settings: another writer's file.
fn rewritten(path: &Path, change: impl Fn(RecordBatch) -> RecordBatch) -> Vec<u8> {
    let file = fs::File::open(path).unwrap();
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
    let batches: Vec<RecordBatch> = reader
        .build()
        .unwrap()
        .map(|b| change(b.unwrap()))
        .collect();
    let properties = WriterProperties::builder()
        .set_created_by("another writer".to_owned())
        .set_dictionary_enabled(false)
        .set_max_row_group_row_count(Some(1))
        .build();
    let mut bytes = Vec::new();
    let mut writer =
        ArrowWriter::try_new(&mut bytes, batches[0].schema(), Some(properties)).unwrap();
    batches
        .iter()
        .for_each(|batch| writer.write(batch).unwrap());
    writer.close().unwrap();
    bytes
}

#[test]
fn another_writer_and_compression_leave_the_digest_as_it_is() {
    let written = Written::new(&snapshot(small_panel(71_300.0), 1));
    let path = written.dir().join(BARS_FILE);
    let before = fs::read(&path).unwrap();
    let bytes = rewritten(&path, |batch| batch);
    assert_ne!(before, bytes);
    fs::write(&path, bytes).unwrap();
    let opened = BarSnapshot::open(&written.dir()).unwrap();
    assert_eq!(opened.digest, snapshot(small_panel(71_300.0), 1).digest);
    // Within a run the file itself is pinned, too.
    let error = written.read().unwrap_err();
    assert!(error.to_string().contains(BARS_FILE), "{error}");
}

#[test]
fn every_kind_of_damage_names_its_file() {
    let written = Written::new(&snapshot(small_panel(71_300.0), 1));
    let check = |fault: FileFault, file: &str, reason: &str| {
        assert_eq!(fault.path.file_name().unwrap(), file, "{}", fault.reason);
        assert!(fault.reason.contains(reason), "{file}: {}", fault.reason);
    };
    let replace = |from: &'static str, to: &'static str| {
        move |bytes: Vec<u8>| {
            String::from_utf8(bytes)
                .unwrap()
                .replace(from, to)
                .into_bytes()
        }
    };
    // A truncated, an emptied and a missing file.
    check(
        written.fault(BARS_FILE, |bytes| bytes[..bytes.len() / 2].to_vec()),
        BARS_FILE,
        "",
    );
    check(written.fault(BARS_FILE, |_| Vec::new()), BARS_FILE, "");
    check(
        written.fault(AXES_FILE, |_| Vec::new()),
        AXES_FILE,
        "SHA-256",
    );
    // Swapped and changed axes, another universe.
    let swap = replace("00104K", "104K00");
    check(written.fault(AXES_FILE, swap), AXES_FILE, "SHA-256");
    check(
        written.fault(UNIVERSE_FILE, replace("005930", "00104K")),
        UNIVERSE_FILE,
        "SHA-256",
    );
    // Another version, another digest.
    let other = replace("\"schema\": 2", "\"schema\": 1");
    check(
        written.fault(SOURCE_FILE, other),
        SOURCE_FILE,
        "its schema is 1",
    );
    let us = replace("\"XKRX\"", "\"US\"");
    check(
        written.fault(SOURCE_FILE, us),
        BARS_FILE,
        "the digest of its bars is",
    );
    // A price, and a column of another type.
    let path = written.dir().join(BARS_FILE);
    let doubled = rewritten(&path, |batch| {
        let mut columns = batch.columns().to_vec();
        columns[5] = Arc::new(Float64Array::from(vec![1.0; batch.num_rows()]));
        RecordBatch::try_new(batch.schema(), columns).unwrap()
    });
    check(
        written.fault(BARS_FILE, |_| doubled),
        BARS_FILE,
        "the digest of its bars is",
    );
    let fewer = rewritten(&path, |batch| batch.project(&[0, 1, 2, 3, 4, 5]).unwrap());
    check(written.fault(BARS_FILE, |_| fewer), BARS_FILE, "expected");
    let halved = rewritten(&path, |batch| batch.slice(2, 2));
    check(
        written.fault(BARS_FILE, |_| halved),
        BARS_FILE,
        "the digest of its bars is",
    );

    fs::remove_file(written.dir().join(UNIVERSE_FILE)).unwrap();
    let fault = BarSnapshot::open(&written.dir()).unwrap_err();
    check(fault, UNIVERSE_FILE, "cannot be read");
}

/// No flipped bit of any file gives other bars or another universe: it is refused, or it was in a
/// place that says nothing about them, such as statistics.
#[test]
fn no_flipped_bit_changes_what_is_read() {
    let written = Written::new(&snapshot(small_panel(71_300.0), 1));
    let good = BarSnapshot::open(&written.dir()).unwrap();
    let mut refused = 0;
    for file in [BARS_FILE, AXES_FILE, UNIVERSE_FILE] {
        let path = written.dir().join(file);
        let bytes = fs::read(&path).unwrap();
        for at in 0..bytes.len() {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << (at % 8);
            fs::write(&path, flipped).unwrap();
            match BarSnapshot::open(&written.dir()) {
                Ok(read) => {
                    assert_eq!(file, BARS_FILE, "byte {at}");
                    assert_eq!(bits(&read.bars), bits(&good.bars), "byte {at}");
                    assert_eq!(read.bars.stocks(), good.bars.stocks());
                }
                Err(fault) => {
                    assert_eq!(fault.path, path, "byte {at}");
                    refused += 1;
                }
            }
        }
        fs::write(&path, bytes).unwrap();
    }
    assert!(refused > 0);
}

#[test]
fn axes_and_universe_that_make_no_sense_are_refused() {
    let bars = small_panel(71_300.0);
    let axes = String::from_utf8(axes::encode(&bars)).unwrap();
    let check = |axes: &str, expected: &str| {
        let reason = axes::decode(axes.as_bytes()).unwrap_err();
        assert!(reason.contains(expected), "{reason}");
    };
    check("{}", "missing field");
    check(&axes.replace("2024-01-03", "2024-01-09"), "do not ascend");
    check(&axes.replace("KOSDAQ", "NYSE"), "unknown market");

    let check = |universe: &str, expected: &str| {
        let reason = universe_file::decode(universe.as_bytes(), bars.stocks()).unwrap_err();
        assert!(reason.contains(expected), "{reason}");
    };
    check(r#"{"stocks": []}"#, "names no stock");
    check(r#"{"stocks": ["005930", "00104K"]}"#, "do not ascend");
    check(r#"{"stocks": ["999999"]}"#, "'999999' is not a stock");
}
