//! The bars of a run as files: what every later stage computes from.
//!
//! Three files. `bars.safetensors` holds five tensors `open`, `high`, `low`, `close`, `volume` of
//! 64-bit floats, little-endian, shape `[stock, session]`, adjusted, `NaN` where there is no bar.
//! `axes.json` names the stocks and sessions in that order. `snapshot.json` says where the bars
//! come from and gives the **data digest**, which covers the first two files: equal bars give an
//! equal digest, whenever and wherever they are extracted.

use std::path::Path;

use naeil_domain::{
    Bar, BarPanel, BarPanelBuilder, DataOrigin, Digest, Market, PriceBasis, Session, Stock,
    StockCode,
};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::{Deserialize, Serialize};

use crate::error::StageError;
use crate::stage::Stage;
use crate::stage_folder::StageFolder;

/// Name of the file with the columns.
pub(crate) const BARS_FILE: &str = "bars.safetensors";
/// Name of the file with stocks and sessions.
pub(crate) const AXES_FILE: &str = "axes.json";
/// Name of the file with origin, revision and digest.
pub(crate) const SOURCE_FILE: &str = "snapshot.json";

const COLUMNS: [&str; 5] = ["open", "high", "low", "close", "volume"];

/// The bars of a run and where they come from.
#[derive(Debug, Clone)]
pub(crate) struct BarSnapshot {
    /// The bars of the universe.
    pub(crate) bars: BarPanel,
    /// Recorded or simulated.
    pub(crate) origin: DataOrigin,
    /// The store's revision before they were read.
    pub(crate) revision: u64,
    /// Digest of columns and axes.
    pub(crate) digest: Digest,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AxesFile {
    sessions: Vec<String>,
    stocks: Vec<StockEntry>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StockEntry {
    code: String,
    name: String,
    market: String,
    first_session: String,
    last_session: String,
}

/// Where the bars of a snapshot come from: the contents of `snapshot.json`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SnapshotSource {
    schema: u32,
    pub(crate) data_digest: String,
    data_revision: u64,
    pub(crate) data_origin: String,
    n_stocks: usize,
    n_sessions: usize,
}

impl SnapshotSource {
    pub(crate) fn read(folder: &mut StageFolder) -> Result<Self, StageError> {
        folder.read_json(Stage::Extract, SOURCE_FILE)
    }
}

const SCHEMA: u32 = 1;

impl BarSnapshot {
    /// Writes a snapshot into the extract stage's folder.
    pub(crate) fn write(
        folder: &StageFolder,
        bars: BarPanel,
        origin: DataOrigin,
        revision: u64,
    ) -> Result<Self, StageError> {
        let columns = encode_columns(&bars)
            .map_err(|error| StageError::damaged(&folder.path(BARS_FILE), error))?;
        folder.write(BARS_FILE, &columns)?;
        let axes = encode_axes(&bars);
        folder.write(AXES_FILE, &axes)?;
        let digest = data_digest(&columns, &axes);
        let source = SnapshotSource {
            schema: SCHEMA,
            data_digest: digest.to_string(),
            data_revision: revision,
            data_origin: origin.as_str().to_owned(),
            n_stocks: bars.stocks().len(),
            n_sessions: bars.sessions().len(),
        };
        folder.write_json(SOURCE_FILE, &source)?;
        Ok(Self {
            bars,
            origin,
            revision,
            digest,
        })
    }

    /// Reads the extract stage's snapshot as an input of another stage.
    pub(crate) fn read(folder: &mut StageFolder) -> Result<Self, StageError> {
        let columns = folder.read(Stage::Extract, BARS_FILE)?;
        let axes = folder.read(Stage::Extract, AXES_FILE)?;
        let source = SnapshotSource::read(folder)?;
        let extract = folder.run().stage_path(Stage::Extract);
        let bars = decode(&columns, &axes)
            .map_err(|reason| StageError::damaged(&extract.join(BARS_FILE), reason))?;
        Self::checked(bars, data_digest(&columns, &axes), &source, &extract)
    }

    fn checked(
        bars: BarPanel,
        digest: Digest,
        source: &SnapshotSource,
        extract: &Path,
    ) -> Result<Self, StageError> {
        let refuse = |reason: String| StageError::damaged(&extract.join(SOURCE_FILE), reason);
        if source.schema != SCHEMA {
            return Err(refuse(format!("its schema is {}", source.schema)));
        }
        if source.data_digest != digest.to_string() {
            return Err(refuse(format!("the bars' digest is {digest}")));
        }
        let origin = DataOrigin::parse(&source.data_origin)
            .ok_or_else(|| refuse(format!("unknown origin '{}'", source.data_origin)))?;
        Ok(Self {
            bars,
            origin,
            revision: source.data_revision,
            digest,
        })
    }
}

fn data_digest(columns: &[u8], axes: &[u8]) -> Digest {
    let [columns, axes] = [columns, axes].map(|bytes| Digest::of(bytes).to_string());
    Digest::of_parts([columns.as_str(), axes.as_str()])
}

fn encode_columns(bars: &BarPanel) -> Result<Vec<u8>, safetensors::SafeTensorError> {
    let shape = vec![bars.stocks().len(), bars.sessions().len()];
    let mut columns: [Vec<u8>; 5] = Default::default();
    for stock_idx in 0..shape[0] {
        let stock = bars.stock_bars(stock_idx);
        let values = [stock.open, stock.high, stock.low, stock.close, stock.volume];
        for (column, values) in columns.iter_mut().zip(values) {
            column.extend(values.iter().flat_map(|value| value.to_le_bytes()));
        }
    }
    let mut views = Vec::with_capacity(COLUMNS.len());
    for (name, column) in COLUMNS.into_iter().zip(&columns) {
        views.push((name, TensorView::new(Dtype::F64, shape.clone(), column)?));
    }
    safetensors::serialize(views, None)
}

fn encode_axes(bars: &BarPanel) -> Vec<u8> {
    let axes = AxesFile {
        sessions: bars.sessions().iter().map(Session::to_string).collect(),
        stocks: bars
            .stocks()
            .iter()
            .map(|stock| StockEntry {
                code: stock.code.to_string(),
                name: stock.name.clone(),
                market: stock.market.to_string(),
                first_session: stock.first_session.to_string(),
                last_session: stock.last_session.to_string(),
            })
            .collect(),
    };
    let mut text = serde_json::to_vec_pretty(&axes).expect("plain texts serialise");
    text.push(b'\n');
    text
}

fn decode(columns: &[u8], axes: &[u8]) -> Result<BarPanel, String> {
    let (sessions, stocks) = decode_axes(axes)?;
    let (n_stocks, n_sessions) = (stocks.len(), sessions.len());
    let tensors = SafeTensors::deserialize(columns).map_err(|error| error.to_string())?;
    let mut values: [Vec<f64>; 5] = Default::default();
    for (name, values) in COLUMNS.into_iter().zip(&mut values) {
        let tensor = tensors.tensor(name).map_err(|error| error.to_string())?;
        if tensor.dtype() != Dtype::F64 || tensor.shape() != [n_stocks, n_sessions] {
            return Err(format!(
                "column {name} is {:?} {:?}, not 64-bit floats [{n_stocks}, {n_sessions}]",
                tensor.dtype(),
                tensor.shape()
            ));
        }
        let (numbers, _) = tensor.data().as_chunks::<8>();
        values.extend(numbers.iter().map(|bytes| f64::from_le_bytes(*bytes)));
    }
    let [open, high, low, close, volume] = values;
    let mut builder = BarPanelBuilder::new(sessions, stocks);
    for at in (0..n_stocks * n_sessions).filter(|&at| !close[at].is_nan()) {
        let bar = Bar {
            open: open[at],
            high: high[at],
            low: low[at],
            close: close[at],
            volume: volume[at],
            // The columns are adjusted already, and a factor of 1 leaves them as they are.
            adjustment_factor: 1.0,
            basis: PriceBasis::BackAdjusted,
        };
        builder.set(at / n_sessions, at % n_sessions, &bar);
    }
    Ok(builder.build())
}

fn decode_axes(axes: &[u8]) -> Result<(Vec<Session>, Vec<Stock>), String> {
    let axes: AxesFile = serde_json::from_slice(axes).map_err(|error| error.to_string())?;
    let session = |text: &String| Session::parse(text).map_err(|error| error.to_string());
    let sessions: Vec<Session> = axes
        .sessions
        .iter()
        .map(session)
        .collect::<Result<_, _>>()?;
    let stocks: Vec<Stock> = axes
        .stocks
        .iter()
        .map(|entry| {
            Ok(Stock {
                code: StockCode::parse(&entry.code).map_err(|error| error.to_string())?,
                name: entry.name.clone(),
                market: Market::parse(&entry.market).map_err(|error| error.to_string())?,
                first_session: session(&entry.first_session)?,
                last_session: session(&entry.last_session)?,
            })
        })
        .collect::<Result<_, String>>()?;
    if !sessions.is_sorted_by(|a, b| a < b) || !stocks.is_sorted_by(|a, b| a.code < b.code) {
        return Err("sessions or stock codes do not ascend".to_owned());
    }
    Ok((sessions, stocks))
}

#[cfg(test)]
mod tests;
