//! Layouts: how somebody else's file says what a bar says.

mod check;
mod error;
mod file_name;
mod shipped;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use naeil_domain::PriceBasis;
use serde::Deserialize;

pub use error::LayoutError;
pub use shipped::{SHIPPED, ShippedLayout};

/// How to read a file whose columns are not those of the long format: names of columns, values that
/// stand nowhere in the file, and spellings.
///
/// It is plain data, read from TOML by the caller; an unknown key is refused by name.
/// [`Self::long_format`] is what a file is read with where nothing else is said.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Layout {
    /// One sentence for people: whose files these are.
    #[serde(default)]
    pub description: String,
    /// What the prices mean. Unset: a factor makes them as traded, else the import's option decides.
    #[serde(default, deserialize_with = "basis")]
    pub basis: Option<PriceBasis>,
    /// What the file's name says, such as `{code}.csv` or `data_*_{date:%Y%m%d}.csv`.
    #[serde(default)]
    pub file_name: Option<String>,
    /// What one unit of a price column is worth in the market's currency.
    #[serde(default = "one")]
    pub price_unit: f64,
    /// What one unit of the volume column is worth in shares.
    #[serde(default = "one")]
    pub volume_unit: f64,
    /// How text is written.
    #[serde(default)]
    pub text: TextForm,
    /// Names of the columns.
    #[serde(default)]
    pub columns: LayoutColumns,
    /// Values that every row has, whatever the file says.
    #[serde(default)]
    pub constants: LayoutConstants,
    /// Words for markets and the market each means, such as `"KOSDAQ GLOBAL" = "KOSDAQ"`.
    #[serde(default)]
    pub markets: BTreeMap<String, String>,
}

/// How text is written in a file.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TextForm {
    /// `utf-8` or `euc-kr` (which here includes CP949). A file that begins with a byte order mark
    /// is UTF-8 whatever stands here.
    pub encoding: TextEncoding,
    /// Between two fields; a single ASCII character.
    pub delimiter: char,
    /// Between groups of three digits. Unset: numbers are written without.
    pub thousands: Option<char>,
    /// How dates are written, in the notation of strftime. Unset: `YYYY-MM-DD` or `YYYYMMDD`.
    pub date_format: Option<String>,
    /// Words that mean that a value is missing, besides nothing at all.
    pub missing: Vec<String>,
}

/// How characters are stored.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub enum TextEncoding {
    /// UTF-8.
    #[default]
    #[serde(rename = "utf-8")]
    Utf8,
    /// The Korean encoding of Windows, CP949, of which EUC-KR is a part.
    #[serde(rename = "euc-kr", alias = "cp949")]
    EucKr,
}

/// Names of columns. A value that has none is constant, or in the file's name, or missing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(
    missing_docs,
    reason = "each field is the value of that name in the long format"
)]
pub struct LayoutColumns {
    pub code: Option<String>,
    pub name: Option<String>,
    pub market: Option<String>,
    pub date: Option<String>,
    pub open: Option<String>,
    pub high: Option<String>,
    pub low: Option<String>,
    pub close: Option<String>,
    pub volume: Option<String>,
    pub adjustment_factor: Option<String>,
    /// The adjusted close; with the close as traded it gives the factor.
    pub adj_close: Option<String>,
    pub base_price: Option<String>,
    /// Close minus base price, with its sign.
    pub change: Option<String>,
    pub isin: Option<String>,
    pub sector: Option<String>,
    pub listed_on: Option<String>,
    pub delisted_on: Option<String>,
}

/// Values that every row has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LayoutConstants {
    /// The stock's code.
    pub code: Option<String>,
    /// The stock's name.
    pub name: Option<String>,
    /// The market.
    pub market: Option<String>,
    /// The session, as `YYYY-MM-DD`.
    pub date: Option<String>,
}

impl Default for TextForm {
    fn default() -> Self {
        Self {
            encoding: TextEncoding::Utf8,
            delimiter: ',',
            thousands: None,
            date_format: None,
            missing: Vec::new(),
        }
    }
}

impl LayoutColumns {
    /// How many columns have a name.
    pub fn n_named(&self) -> usize {
        [
            &self.code,
            &self.name,
            &self.market,
            &self.date,
            &self.open,
            &self.high,
            &self.low,
            &self.close,
            &self.volume,
            &self.adjustment_factor,
            &self.adj_close,
            &self.base_price,
            &self.change,
            &self.isin,
            &self.sector,
            &self.listed_on,
            &self.delisted_on,
        ]
        .into_iter()
        .flatten()
        .count()
    }
}

impl Layout {
    /// The long format: one row a (code, date), columns named as naeil names them.
    pub fn long_format() -> Self {
        let named = |name: &str| Some(name.to_owned());
        Self {
            description: "naeil's own long format".to_owned(),
            basis: None,
            file_name: None,
            price_unit: 1.0,
            volume_unit: 1.0,
            text: TextForm::default(),
            columns: LayoutColumns {
                code: named("code"),
                name: named("name"),
                market: named("market"),
                date: named("date"),
                open: named("open"),
                high: named("high"),
                low: named("low"),
                close: named("close"),
                volume: named("volume"),
                adjustment_factor: None,
                ..LayoutColumns::default()
            },
            constants: LayoutConstants::default(),
            markets: BTreeMap::new(),
        }
    }

    /// Whether optional columns are taken where they happen to be there, as in the long format.
    pub(super) fn is_long_format(&self) -> bool {
        *self == Self::long_format()
    }

    /// Whether a file with these columns could be read by it.
    pub fn fits(&self, header: &[String]) -> bool {
        let names: Vec<&str> = header.iter().map(String::as_str).collect();
        super::columns::Columns::find(&names, self).is_ok()
    }

    /// Every row is of this market, whatever the file says.
    #[must_use]
    pub fn with_market(mut self, market: impl Into<String>) -> Self {
        self.constants.market = Some(market.into());
        self.columns.market = None;
        self
    }

    /// Every row is of this session, whatever the file or its name says.
    #[must_use]
    pub fn with_session(mut self, session: NaiveDate) -> Self {
        self.constants.date = Some(session.to_string());
        self.columns.date = None;
        self
    }
}

pub(super) fn one() -> f64 {
    1.0
}

pub(super) fn basis<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<PriceBasis>, D::Error> {
    let word = String::deserialize(deserializer)?;
    [PriceBasis::AsTraded, PriceBasis::BackAdjusted]
        .into_iter()
        .find(|basis| basis.as_str() == word)
        .map(Some)
        .ok_or_else(|| {
            serde::de::Error::custom(format!(
                "basis is '{word}', it must be as_traded or back_adjusted"
            ))
        })
}

#[cfg(test)]
mod tests;
