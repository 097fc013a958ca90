//! Finding the columns of the long format by name.

use crate::error::ImportError;

/// The columns every source must have, in the order of [`Columns::required`].
pub(super) const REQUIRED: [&str; 9] = [
    "code", "name", "market", "date", "open", "high", "low", "close", "volume",
];

/// The column that makes prices "as traded".
pub(super) const ADJUSTMENT_FACTOR: &str = "adjustment_factor";

/// Names that other people's files use for our columns.
const OTHER_NAMES: [(&str, &[&str]); 6] = [
    ("code", &["ticker", "symbol", "stock_code", "종목코드"]),
    ("name", &["stock_name", "company", "종목명"]),
    ("market", &["exchange", "board", "시장구분"]),
    ("date", &["day", "session", "trade_date", "일자", "날짜"]),
    ("close", &["last", "price", "종가"]),
    ("volume", &["vol", "quantity", "거래량"]),
];

/// Places of the columns in a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Columns {
    /// In the order of [`REQUIRED`].
    pub(super) required: [usize; REQUIRED.len()],
    pub(super) adjustment_factor: Option<usize>,
}

/// Why the columns do not serve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ColumnsError {
    Duplicate(String),
    Missing {
        missing: Vec<String>,
        present: Vec<String>,
        hint: String,
    },
}

impl ColumnsError {
    pub(super) fn in_file(self, path: &std::path::Path) -> ImportError {
        match self {
            Self::Duplicate(column) => ImportError::DuplicateColumn {
                path: path.to_owned(),
                column,
            },
            Self::Missing {
                missing,
                present,
                hint,
            } => ImportError::MissingColumns {
                source_name: path.display().to_string(),
                missing,
                present,
                hint,
            },
        }
    }
}

impl Columns {
    /// Finds the columns in a header; others are ignored, wherever they stand.
    pub(super) fn find(header: &[&str]) -> Result<Self, ColumnsError> {
        let place = |column: &str| header.iter().position(|name| *name == column);
        let wanted = || REQUIRED.into_iter().chain([ADJUSTMENT_FACTOR]);
        for column in wanted() {
            if header.iter().filter(|name| **name == column).count() > 1 {
                return Err(ColumnsError::Duplicate(column.to_owned()));
            }
        }
        let missing: Vec<&str> = REQUIRED
            .into_iter()
            .filter(|column| place(column).is_none())
            .collect();
        if !missing.is_empty() {
            return Err(ColumnsError::Missing {
                hint: did_you_mean(&missing, header),
                missing: missing.into_iter().map(str::to_owned).collect(),
                present: header.iter().map(|&name| name.to_owned()).collect(),
            });
        }
        Ok(Self {
            required: REQUIRED.map(|column| place(column).unwrap_or_default()),
            adjustment_factor: place(ADJUSTMENT_FACTOR),
        })
    }
}

/// "; did you mean Ticker for code?" for every missing column that something resembles.
fn did_you_mean(missing: &[&str], header: &[&str]) -> String {
    let guesses: Vec<String> = missing
        .iter()
        .filter_map(|column| guess(column, header).map(|found| format!("{found} for {column}")))
        .collect();
    if guesses.is_empty() {
        return String::new();
    }
    format!("; did you mean {}?", guesses.join(", "))
}

fn guess<'h>(column: &str, header: &[&'h str]) -> Option<&'h str> {
    let free = || {
        header
            .iter()
            .copied()
            .filter(|name| !REQUIRED.contains(name))
    };
    let others = OTHER_NAMES
        .iter()
        .find(|(ours, _)| *ours == column)
        .map_or(&[][..], |(_, others)| others);
    free()
        .find(|name| name.eq_ignore_ascii_case(column))
        .or_else(|| free().find(|name| others.contains(&name.to_lowercase().as_str())))
        .or_else(|| {
            free().find(|name| strsim::damerau_levenshtein(&name.to_lowercase(), column) <= 2)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_found_by_name_wherever_they_stand() {
        let header = [
            "extra", "volume", "close", "low", "high", "open", "date", "market", "name", "code",
        ];
        let columns = Columns::find(&header).unwrap();
        assert_eq!(columns.required, [9, 8, 7, 6, 5, 4, 3, 2, 1]);
        assert_eq!(columns.adjustment_factor, None);
    }

    #[test]
    fn a_missing_column_is_guessed_by_case_by_custom_and_by_spelling() {
        let header = [
            "Ticker", "name", "Market", "date", "open", "high", "low", "clsoe", "volume",
        ];
        let error = Columns::find(&header).unwrap_err();
        let ColumnsError::Missing { missing, hint, .. } = error else {
            panic!("{error:?}");
        };
        assert_eq!(missing, ["code", "market", "close"]);
        assert_eq!(
            hint,
            "; did you mean Ticker for code, Market for market, clsoe for close?"
        );
    }
}
