//! Whether a layout can be used, and what a file's name adds to it.

use chrono::NaiveDate;
use naeil_domain::PriceBasis;

use super::file_name::FileNamePattern;
use super::{Layout, LayoutError};

impl Layout {
    /// Adds what the file's name says to the constants, and checks that every value has a place.
    ///
    /// # Errors
    /// [`LayoutError`] saying what is missing or contradictory.
    pub(in super::super) fn for_file(&self, name: &str) -> Result<Self, LayoutError> {
        let mut layout = self.clone();
        layout.check_values()?;
        if let Some(pattern) = &self.file_name {
            let pattern = FileNamePattern::parse(pattern)?;
            let has_code = self.constants.code.is_some();
            let has_date = self.constants.date.is_some();
            let needed: Vec<&str> = [
                ("code", pattern.tells_code() && !has_code),
                ("date", pattern.tells_date() && !has_date),
            ]
            .into_iter()
            .filter_map(|(value, needed)| needed.then_some(value))
            .collect();
            match pattern.read(name) {
                Some(told) => {
                    layout.constants.code = layout.constants.code.or(told.code);
                    layout.constants.date =
                        layout.constants.date.or(told.date.map(|d| d.to_string()));
                }
                None if needed.is_empty() => {}
                None => {
                    return Err(LayoutError::FileName {
                        file: name.to_owned(),
                        values: needed.join(" and "),
                        pattern: self.file_name.clone().unwrap_or_default(),
                        remedy: if needed == ["date"] {
                            "; rename it, or say --session DATE"
                        } else {
                            "; rename it"
                        },
                    });
                }
            }
        }
        layout.check_places()?;
        Ok(layout)
    }

    /// Checks every value by itself, and that no two contradict each other.
    pub(in super::super) fn check_values(&self) -> Result<(), LayoutError> {
        for (key, value) in [
            ("price_unit", self.price_unit),
            ("volume_unit", self.volume_unit),
        ] {
            if !(value.is_finite() && value > 0.0) {
                return Err(LayoutError::Invalid {
                    key,
                    value: value.to_string(),
                    expected: "it must be a positive number",
                });
            }
        }
        if !self.text.delimiter.is_ascii() || ['"', '\n', '\r'].contains(&self.text.delimiter) {
            return Err(LayoutError::Invalid {
                key: "text.delimiter",
                value: self.text.delimiter.escape_default().to_string(),
                expected: "it must be one ASCII character such as ',' or ';' or '\\t'",
            });
        }
        if let Some(thousands) = self.text.thousands
            && (thousands.is_ascii_digit() || ['.', '-', '+'].contains(&thousands))
        {
            return Err(LayoutError::Invalid {
                key: "text.thousands",
                value: thousands.to_string(),
                expected: "it must be a separator such as ','",
            });
        }
        if let Some(format) = &self.text.date_format
            && !can_tell_a_date(format)
        {
            return Err(LayoutError::Invalid {
                key: "text.date_format",
                value: format.clone(),
                expected: "it must tell year, month and day, as %Y/%m/%d does",
            });
        }
        let columns = &self.columns;
        if columns.adjustment_factor.is_some() && columns.adj_close.is_some() {
            return Err(LayoutError::Contradiction {
                first: "columns.adjustment_factor",
                second: "columns.adj_close",
            });
        }
        // A factor is what makes prices as traded comparable; adjusted ones need none.
        if self.basis == Some(PriceBasis::BackAdjusted) {
            let factors = [
                (&columns.adjustment_factor, "columns.adjustment_factor"),
                (&columns.adj_close, "columns.adj_close"),
            ];
            if let Some((_, second)) = factors.into_iter().find(|(column, _)| column.is_some()) {
                return Err(LayoutError::Contradiction {
                    first: "basis = \"back_adjusted\"",
                    second,
                });
            }
        }
        if columns.base_price.is_some() && columns.change.is_some() {
            return Err(LayoutError::Contradiction {
                first: "columns.base_price",
                second: "columns.change",
            });
        }
        Ok(())
    }

    fn check_places(&self) -> Result<(), LayoutError> {
        let (columns, constants) = (&self.columns, &self.constants);
        let places: [(&str, bool, &str); 8] = [
            (
                "code",
                columns.code.is_some() || constants.code.is_some(),
                ", or file_name = \"{code}.csv\"",
            ),
            (
                "market",
                columns.market.is_some() || constants.market.is_some(),
                ", or constants.market, or --market KOSPI",
            ),
            (
                "date",
                columns.date.is_some() || constants.date.is_some(),
                ", or file_name = \"{date:%Y%m%d}.csv\", or --session DATE",
            ),
            ("open", columns.open.is_some(), ""),
            ("high", columns.high.is_some(), ""),
            ("low", columns.low.is_some(), ""),
            ("close", columns.close.is_some(), ""),
            ("volume", columns.volume.is_some(), ""),
        ];
        for (value, has_place, others) in places {
            if !has_place {
                return Err(LayoutError::NoPlace {
                    value,
                    remedy: format!("set columns.{value}{others}"),
                });
            }
        }
        Ok(())
    }
}

/// Whether a date survives being written and read again.
pub(super) fn can_tell_a_date(format: &str) -> bool {
    use std::fmt::Write as _;
    let date = NaiveDate::from_ymd_opt(2024, 2, 29).unwrap_or_default();
    let mut text = String::new();
    write!(text, "{}", date.format(format)).is_ok()
        && NaiveDate::parse_from_str(&text, format) == Ok(date)
}
