//! `axes.json`: the sessions and the stocks of a snapshot.

use std::collections::BTreeMap;

use naeil_domain::{BarPanel, Market, Session, Stock, StockCode};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AxesFile {
    sessions: Vec<String>,
    stocks: Vec<StockEntry>,
    /// By code: the sessions whose bar does not continue the one before.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    seams: BTreeMap<String, Vec<String>>,
}

/// What the bars stand on.
#[derive(Debug)]
pub(super) struct Axes {
    /// Ascending.
    pub(super) sessions: Vec<Session>,
    /// Ascending by code.
    pub(super) stocks: Vec<Stock>,
    /// Stock index and session index of every first bar after a seam.
    pub(super) seams: Vec<(usize, usize)>,
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
        seams: (bars.stocks().iter().enumerate())
            .map(|(stock_idx, stock)| {
                let seams = bars.seams(stock_idx);
                let sessions = seams.map(|session_idx| bars.sessions()[session_idx].to_string());
                (stock.code.to_string(), sessions.collect::<Vec<_>>())
            })
            .filter(|(_, sessions)| !sessions.is_empty())
            .collect(),
    };
    let mut text = serde_json::to_vec_pretty(&axes).expect("plain texts serialise");
    text.push(b'\n');
    text
}

/// The axes, or what does not fit.
pub(super) fn decode(axes: &[u8]) -> Result<Axes, String> {
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
    let mut seams = Vec::new();
    for (code, dates) in &axes.seams {
        let stock_idx = stocks.binary_search_by(|stock| stock.code.as_str().cmp(code));
        let stock_idx = stock_idx.map_err(|_| format!("a seam of {code}, which is no stock"))?;
        for date in dates {
            let session_idx = sessions.binary_search(&session(date)?);
            let session_idx =
                session_idx.map_err(|_| format!("a seam of {code} on {date}, no session"))?;
            seams.push((stock_idx, session_idx));
        }
    }
    Ok(Axes {
        sessions,
        stocks,
        seams,
    })
}
