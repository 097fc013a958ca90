//! Finding the columns of a layout by name.

use super::layout::Layout;
use crate::error::ImportError;

/// The values every bar has, in the order of [`Columns::required`].
pub(super) const REQUIRED: [&str; 9] = [
    "code", "name", "market", "date", "open", "high", "low", "close", "volume",
];

/// Columns of the long format that a file may have besides.
const OPTIONAL: [&str; 6] = [
    "adjustment_factor",
    "base_price",
    "isin",
    "sector",
    "listed_on",
    "delisted_on",
];

/// Names that other people's files use for our columns.
const OTHER_NAMES: [(&str, &[&str]); 9] = [
    (
        "code",
        &["ticker", "symbol", "stock_code", "종목코드", "티커"],
    ),
    ("name", &["stock_name", "company", "종목명"]),
    ("market", &["exchange", "board", "시장구분"]),
    ("date", &["day", "session", "trade_date", "일자", "날짜"]),
    ("open", &["시가"]),
    ("high", &["고가"]),
    ("low", &["저가"]),
    ("close", &["last", "price", "종가"]),
    ("volume", &["vol", "quantity", "거래량"]),
];

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// The column of that number.
    Column(usize),
    /// The same for every row.
    Given(String),
    /// It is not there.
    Nowhere,
}

/// Places of the values in a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Columns {
    /// In the order of [`REQUIRED`].
    pub(super) required: [Place; REQUIRED.len()],
    pub(super) adjustment_factor: Option<usize>,
    pub(super) adj_close: Option<usize>,
    pub(super) base_price: Option<usize>,
    pub(super) change: Option<usize>,
    pub(super) isin: Option<usize>,
    pub(super) sector: Option<usize>,
    pub(super) listed_on: Option<usize>,
    pub(super) delisted_on: Option<usize>,
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
    /// Finds the columns in a header; others are ignored, wherever they stand. The layout must be
    /// one that was made whole for its file.
    pub(super) fn find(header: &[&str], layout: &Layout) -> Result<Self, ColumnsError> {
        let mut search = Search {
            header,
            missing: Vec::new(),
        };
        let named = &layout.columns;
        let given = &layout.constants;
        let required = [
            search.place("code", &named.code, &given.code)?,
            search.place("name", &named.name, &given.name)?,
            search.place("market", &named.market, &given.market)?,
            search.place("date", &named.date, &given.date)?,
            search.place("open", &named.open, &None)?,
            search.place("high", &named.high, &None)?,
            search.place("low", &named.low, &None)?,
            search.place("close", &named.close, &None)?,
            search.place("volume", &named.volume, &None)?,
        ];
        let mut optional = |column: &'static str, name: &Option<String>| match name {
            Some(name) => search.find(column, name),
            // The long format takes what is there.
            None if layout.is_long_format() && OPTIONAL.contains(&column) => search.only(column),
            None => Ok(None),
        };
        let columns = Self {
            required,
            adjustment_factor: optional("adjustment_factor", &named.adjustment_factor)?,
            adj_close: optional("adj_close", &named.adj_close)?,
            base_price: optional("base_price", &named.base_price)?,
            change: optional("change", &named.change)?,
            isin: optional("isin", &named.isin)?,
            sector: optional("sector", &named.sector)?,
            listed_on: optional("listed_on", &named.listed_on)?,
            delisted_on: optional("delisted_on", &named.delisted_on)?,
        };
        search.finish()?;
        Ok(columns)
    }

    /// The numbers of the columns that are read.
    pub(super) fn used(&self) -> impl Iterator<Item = usize> {
        let required = self.required.iter().filter_map(|place| match place {
            Place::Column(at) => Some(*at),
            _ => None,
        });
        required.chain(self.optional().into_iter().flatten())
    }

    fn optional(&self) -> [Option<usize>; 8] {
        [
            self.adjustment_factor,
            self.adj_close,
            self.base_price,
            self.change,
            self.isin,
            self.sector,
            self.listed_on,
            self.delisted_on,
        ]
    }
}

/// A search that collects everything that is missing before it complains.
struct Search<'h> {
    header: &'h [&'h str],
    /// What we call the value, and the column that was looked for.
    missing: Vec<(&'static str, String)>,
}

impl Search<'_> {
    fn place(
        &mut self,
        value: &'static str,
        name: &Option<String>,
        given: &Option<String>,
    ) -> Result<Place, ColumnsError> {
        if let Some(given) = given {
            return Ok(Place::Given(given.clone()));
        }
        let Some(name) = name else {
            return Ok(Place::Nowhere);
        };
        let found = self.find(value, name)?;
        Ok(found.map_or(Place::Nowhere, Place::Column))
    }

    fn find(&mut self, value: &'static str, name: &str) -> Result<Option<usize>, ColumnsError> {
        let found = self.only(name)?;
        if found.is_none() {
            self.missing.push((value, name.to_owned()));
        }
        Ok(found)
    }

    fn only(&self, name: &str) -> Result<Option<usize>, ColumnsError> {
        let mut places = (0..self.header.len()).filter(|&at| self.header[at] == name);
        let found = places.next();
        match places.next() {
            Some(_) => Err(ColumnsError::Duplicate(name.to_owned())),
            None => Ok(found),
        }
    }

    fn finish(self) -> Result<(), ColumnsError> {
        if self.missing.is_empty() {
            return Ok(());
        }
        Err(ColumnsError::Missing {
            hint: did_you_mean(&self.missing, self.header),
            missing: self.missing.into_iter().map(|(_, name)| name).collect(),
            present: self.header.iter().map(|&name| name.to_owned()).collect(),
        })
    }
}

/// "; did you mean Ticker for code?" for every missing column that something resembles.
fn did_you_mean(missing: &[(&str, String)], header: &[&str]) -> String {
    let guesses: Vec<String> = missing
        .iter()
        .filter_map(|(value, name)| {
            guess(value, name, header).map(|found| format!("{found} for {name}"))
        })
        .collect();
    if guesses.is_empty() {
        return String::new();
    }
    format!("; did you mean {}?", guesses.join(", "))
}

fn guess<'h>(value: &str, name: &str, header: &[&'h str]) -> Option<&'h str> {
    let free = || {
        header
            .iter()
            .copied()
            .filter(|found| !REQUIRED.contains(found) || !REQUIRED.contains(&name))
    };
    let lower = name.to_lowercase();
    let others = OTHER_NAMES
        .iter()
        .find(|(ours, _)| *ours == value)
        .map_or(&[][..], |(_, others)| others);
    free()
        .find(|found| found.to_lowercase() == lower)
        .or_else(|| free().find(|found| others.contains(&found.to_lowercase().as_str())))
        .or_else(|| free().find(|found| found.eq_ignore_ascii_case(value)))
        .or_else(|| {
            free().find(|found| {
                let distance = strsim::damerau_levenshtein(&found.to_lowercase(), &lower);
                // Two letters off is nothing in a long word and everything in a short one.
                distance <= 2 && distance * 2 < lower.chars().count()
            })
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(header: &[&str]) -> Result<Columns, ColumnsError> {
        Columns::find(header, &Layout::long_format())
    }

    #[test]
    fn columns_are_found_by_name_wherever_they_stand() {
        let header = [
            "isin",
            "volume",
            "close",
            "low",
            "high",
            "open",
            "date",
            "market",
            "name",
            "code",
            "adj_close",
        ];
        let columns = find(&header).unwrap();
        assert_eq!(
            columns.required,
            [9, 8, 7, 6, 5, 4, 3, 2, 1].map(Place::Column)
        );
        assert_eq!((columns.isin, columns.adjustment_factor), (Some(0), None));
        assert_eq!(
            columns.adj_close, None,
            "its meaning differs between vendors"
        );
        assert_eq!(columns.used().count(), 10);
    }

    #[test]
    fn a_missing_column_is_guessed_by_case_by_custom_and_by_spelling() {
        let header = [
            "Ticker", "name", "Market", "date", "open", "high", "low", "clsoe", "volume",
        ];
        let error = find(&header).unwrap_err();
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
