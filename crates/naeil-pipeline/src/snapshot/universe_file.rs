//! `universe.json`: the codes that a model learns from and is judged on.

use naeil_domain::{BarPanel, Stock};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct UniverseFile {
    stocks: Vec<String>,
}

pub(super) fn encode(bars: &BarPanel, universe: &[usize]) -> Vec<u8> {
    let code = |&stock_idx: &usize| bars.stocks()[stock_idx].code.to_string();
    let file = UniverseFile {
        stocks: universe.iter().map(code).collect(),
    };
    let mut text = serde_json::to_vec_pretty(&file).expect("plain texts serialise");
    text.push(b'\n');
    text
}

/// Indices among the stocks, ascending, or what does not fit.
pub(super) fn decode(universe: &[u8], stocks: &[Stock]) -> Result<Vec<usize>, String> {
    let file: UniverseFile = serde_json::from_slice(universe).map_err(|error| error.to_string())?;
    let universe: Vec<usize> = file
        .stocks
        .iter()
        .map(|code| {
            stocks
                .binary_search_by(|stock| stock.code.as_str().cmp(code))
                .map_err(|_| format!("'{code}' is not a stock of the bars"))
        })
        .collect::<Result<_, _>>()?;
    if universe.is_empty() || !universe.is_sorted_by(|a, b| a < b) {
        return Err("it names no stock, or its codes do not ascend".to_owned());
    }
    Ok(universe)
}
