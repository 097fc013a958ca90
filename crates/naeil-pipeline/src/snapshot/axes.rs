//! `axes.json`: the sessions and the stocks of a snapshot.

use naeil_domain::{BarPanel, Market, Session, Stock, StockCode};
use serde::{Deserialize, Serialize};

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

pub(super) fn encode(bars: &BarPanel) -> Vec<u8> {
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

/// Sessions and stocks, both ascending, or what does not fit.
pub(super) fn decode(axes: &[u8]) -> Result<(Vec<Session>, Vec<Stock>), String> {
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
