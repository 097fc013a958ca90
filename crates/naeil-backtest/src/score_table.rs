//! What one forecaster says of the rows of one fold, and how it is written down.
//!
//! # The file
//! | bytes | what |
//! |---|---|
//! | 8 | `NAEILSC1` |
//! | 4 | length of the header, little-endian |
//! | header | JSON: [`Header`] |
//! | 4 x rows x values a row | little-endian `f32`, row by row: relative of each horizon, direction of each horizon, then the quantiles of each horizon if there are any |
//! | 32 | SHA-256 of everything before |

use naeil_domain::{Digest, Horizon, HorizonForecast, QUANTILE_LEVELS};
use serde::{Deserialize, Serialize};

const MAGIC: &[u8; 8] = b"NAEILSC1";
const DIGEST_BYTES: usize = 32;
/// More is no header of ours.
const MAX_HEADER_BYTES: usize = 4 << 20;
const N_QUANTILES: usize = QUANTILE_LEVELS.len();

/// Which values a table holds beside the relative output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Columns {
    /// Relative and direction outputs.
    Scores,
    /// Those and return quantiles.
    ScoresAndQuantiles,
}

impl Columns {
    const fn per_row(self) -> usize {
        match self {
            Self::Scores => 2 * Horizon::COUNT,
            Self::ScoresAndQuantiles => (2 + N_QUANTILES) * Horizon::COUNT,
        }
    }
}

/// Forecasts of the rows of one fold.
///
/// # Shapes
/// `values`: `[rows, columns a row]`, in the order of the file.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoreTable {
    columns: Columns,
    values: Vec<f32>,
}

/// What stands at the head of a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Header {
    pub(crate) task: String,
    pub(crate) rows_digest: String,
    pub(crate) n_rows: usize,
    pub(crate) columns: Columns,
    /// What the task remembers of its training, for instance its learning curve.
    pub(crate) notes: serde_json::Value,
}

impl ScoreTable {
    /// An empty table.
    pub fn new(columns: Columns) -> Self {
        Self {
            columns,
            values: Vec::new(),
        }
    }

    /// A table of zeros, to add others to.
    pub fn zeros(columns: Columns, n_rows: usize) -> Self {
        Self {
            columns,
            values: vec![0.0; n_rows * columns.per_row()],
        }
    }

    /// A table from relative and direction outputs.
    ///
    /// # Shapes
    /// Each `[rows]`, in the order of [`Horizon::ALL`].
    ///
    /// # Panics
    /// If the parts differ in length.
    pub fn from_scores(
        relative: &[Vec<f32>; Horizon::COUNT],
        direction: &[Vec<f32>; Horizon::COUNT],
    ) -> Self {
        let n_rows = relative[0].len();
        let mut table = Self::zeros(Columns::Scores, n_rows);
        let width = Columns::Scores.per_row();
        for horizon in 0..Horizon::COUNT {
            assert_eq!(relative[horizon].len(), n_rows, "rows of every part");
            assert_eq!(direction[horizon].len(), n_rows, "rows of every part");
            for row in 0..n_rows {
                table.values[row * width + horizon] = relative[horizon][row];
                table.values[row * width + Horizon::COUNT + horizon] = direction[horizon][row];
            }
        }
        table
    }

    /// Appends the forecasts of one row; quantiles that the table has no room for are dropped.
    ///
    /// # Panics
    /// If the table holds quantiles and the forecast has none.
    pub fn push(&mut self, forecast: &[HorizonForecast; Horizon::COUNT]) {
        self.values
            .extend(forecast.iter().map(|f| f.relative as f32));
        self.values
            .extend(forecast.iter().map(|f| f.direction as f32));
        if self.columns == Columns::ScoresAndQuantiles {
            for f in forecast {
                let quantiles = f.quantiles.expect("a forecaster has quantiles or has none");
                self.values.extend(quantiles.iter().map(|&q| q as f32));
            }
        }
    }

    /// Which values it holds.
    pub fn columns(&self) -> Columns {
        self.columns
    }

    /// Number of rows.
    pub fn n_rows(&self) -> usize {
        self.values.len() / self.columns.per_row()
    }

    /// The relative output of a row.
    pub fn relative(&self, row: usize, horizon: Horizon) -> f64 {
        f64::from(self.values[row * self.columns.per_row() + horizon.index()])
    }

    /// The direction output of a row.
    pub fn direction(&self, row: usize, horizon: Horizon) -> f64 {
        let at = row * self.columns.per_row() + Horizon::COUNT + horizon.index();
        f64::from(self.values[at])
    }

    /// The return quantiles of a row, if the table has them.
    pub fn quantiles(&self, row: usize, horizon: Horizon) -> Option<[f64; N_QUANTILES]> {
        (self.columns == Columns::ScoresAndQuantiles).then(|| {
            let first =
                row * self.columns.per_row() + 2 * Horizon::COUNT + horizon.index() * N_QUANTILES;
            std::array::from_fn(|i| f64::from(self.values[first + i]))
        })
    }

    /// The forecast of a row.
    pub fn forecast(&self, row: usize, horizon: Horizon) -> HorizonForecast {
        HorizonForecast {
            relative: self.relative(row, horizon),
            direction: self.direction(row, horizon),
            quantiles: self.quantiles(row, horizon),
        }
    }

    /// The mean of several tables of the same rows; averages of ascending quantiles ascend.
    ///
    /// # Panics
    /// If there is none, or they differ in shape.
    pub fn mean(tables: &[&Self]) -> Self {
        let first = tables.first().expect("a mean needs at least one table");
        let mut sums = vec![0.0_f64; first.values.len()];
        for table in tables {
            assert_eq!(table.columns, first.columns, "columns of every table");
            assert_eq!(table.values.len(), sums.len(), "rows of every table");
            for (sum, &value) in sums.iter_mut().zip(&table.values) {
                *sum += f64::from(value);
            }
        }
        let n = tables.len() as f64;
        Self {
            columns: first.columns,
            values: sums.into_iter().map(|sum| (sum / n) as f32).collect(),
        }
    }

    /// Puts the rows of `other` in the place of its own from `first` on.
    ///
    /// # Panics
    /// If the tables hold other columns or the rows do not fit in.
    pub fn replace_rows(&mut self, first: usize, other: &Self) {
        assert_eq!(self.columns, other.columns, "columns of both tables");
        let start = first * self.columns.per_row();
        self.values[start..start + other.values.len()].copy_from_slice(&other.values);
    }

    pub(crate) fn is_finite(&self) -> bool {
        self.values.iter().all(|value| value.is_finite())
    }

    /// The bytes of its file.
    pub(crate) fn to_bytes(
        &self,
        task: &str,
        rows_digest: Digest,
        notes: &serde_json::Value,
    ) -> Result<Vec<u8>, serde_json::Error> {
        let header = serde_json::to_vec(&Header {
            task: task.to_owned(),
            rows_digest: rows_digest.to_string(),
            n_rows: self.n_rows(),
            columns: self.columns,
            notes: notes.clone(),
        })?;
        let mut bytes = Vec::with_capacity(64 + header.len() + 4 * self.values.len());
        bytes.extend_from_slice(MAGIC);
        let length = u32::try_from(header.len()).expect("a header is far below 4 GB");
        bytes.extend_from_slice(&length.to_le_bytes());
        bytes.extend_from_slice(&header);
        for value in &self.values {
            bytes.extend_from_slice(&value.to_le_bytes());
        }
        let digest = <sha2::Sha256 as sha2::Digest>::digest(&bytes);
        bytes.extend_from_slice(&digest);
        Ok(bytes)
    }

    /// Reads a file of the task for exactly these rows.
    ///
    /// # Errors
    /// Why it is not one, in words.
    pub(crate) fn from_bytes(
        bytes: &[u8],
        task: &str,
        rows_digest: Digest,
        n_rows: usize,
    ) -> Result<(Self, serde_json::Value), String> {
        let split = bytes.len().checked_sub(DIGEST_BYTES);
        let (body, digest) = bytes.split_at(split.ok_or("it is cut short")?);
        let found = <sha2::Sha256 as sha2::Digest>::digest(body);
        if found[..] != *digest {
            return Err("its SHA-256 is not the one at its end".to_owned());
        }
        let rest = body.strip_prefix(MAGIC).ok_or("it is no table of scores")?;
        let (length, rest) = rest.split_first_chunk::<4>().ok_or("it is cut short")?;
        let length = u32::from_le_bytes(*length) as usize;
        if length > MAX_HEADER_BYTES || length > rest.len() {
            return Err(format!("its header of {length} bytes cannot be"));
        }
        let (header, values) = rest.split_at(length);
        let header: Header = serde_json::from_slice(header).map_err(|e| e.to_string())?;
        if header.task != task {
            return Err(format!("it is of task {}", header.task));
        }
        if header.rows_digest != rows_digest.to_string() || header.n_rows != n_rows {
            return Err("it is of other rows".to_owned());
        }
        if values.len() != 4 * n_rows * header.columns.per_row() {
            return Err(format!("it holds {} bytes of scores", values.len()));
        }
        let (values, _) = values.as_chunks::<4>();
        let table = Self {
            columns: header.columns,
            values: values
                .iter()
                .map(|bytes| f32::from_le_bytes(*bytes))
                .collect(),
        };
        if !table.is_finite() {
            return Err("a score in it is not finite".to_owned());
        }
        Ok((table, header.notes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forecast(base: f64) -> [HorizonForecast; 3] {
        std::array::from_fn(|h| HorizonForecast {
            relative: base + h as f64,
            direction: -base,
            quantiles: Some([-0.4, -0.2, 0.0, 0.2, 0.4].map(|q| q * base)),
        })
    }

    fn table(bases: &[f64]) -> ScoreTable {
        let mut table = ScoreTable::new(Columns::ScoresAndQuantiles);
        bases.iter().for_each(|&base| table.push(&forecast(base)));
        table
    }

    #[test]
    fn a_table_comes_back_from_its_bytes_and_a_changed_byte_is_noticed() {
        let rows = Digest::of(b"rows");
        let notes = serde_json::json!({"seconds": 1.5});
        let bytes = table(&[1.0, 2.0]).to_bytes("t", rows, &notes).unwrap();
        let read = |bytes: &[u8], n| ScoreTable::from_bytes(bytes, "t", rows, n);
        assert_eq!(read(&bytes, 2), Ok((table(&[1.0, 2.0]), notes)));
        assert!(read(&bytes, 3).unwrap_err().contains("other rows"));
        assert!(ScoreTable::from_bytes(&bytes, "u", rows, 2).is_err());
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert!(read(&changed, 2).is_err(), "byte {at}");
            assert!(read(&bytes[..at], 2).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn means_and_replaced_rows_by_hand() {
        let mean = ScoreTable::mean(&[&table(&[1.0, 2.0]), &table(&[3.0, 2.0])]);
        assert_eq!(mean, table(&[2.0, 2.0]));
        assert_eq!(mean.relative(0, Horizon::FiveDays), 3.0);
        assert_eq!(mean.direction(1, Horizon::OneDay), -2.0);
        let quantiles = mean.quantiles(0, Horizon::TwentyDays).unwrap();
        assert!((quantiles[4] - 0.8).abs() < 1e-6);
        let mut replaced = table(&[1.0, 1.0, 1.0]);
        replaced.replace_rows(1, &table(&[6.0]));
        assert_eq!(replaced, table(&[1.0, 6.0, 1.0]));
    }
}
