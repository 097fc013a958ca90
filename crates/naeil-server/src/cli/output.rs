//! Results on standard output: a table for people, JSON or CSV for programs.

use std::io::{self, Write as _};

use clap::ValueEnum;
use serde_json::Value;

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// Aligned columns.
    Table,
    /// One JSON document.
    Json,
    /// Comma-separated values with a header.
    Csv,
}

/// A result that can be printed in every way.
#[derive(Debug, Clone)]
pub(crate) struct Report {
    headers: Vec<&'static str>,
    rows: Vec<Vec<String>>,
    json: Value,
}

impl Report {
    /// A result with one JSON document and the same as rows of text.
    pub(crate) fn new(headers: Vec<&'static str>, rows: Vec<Vec<String>>, json: Value) -> Self {
        Self {
            headers,
            rows,
            json,
        }
    }

    /// A result that is one list of names and values.
    pub(crate) fn facts(facts: Vec<(&'static str, Value)>) -> Self {
        let rows = facts
            .iter()
            .map(|(key, value)| vec![(*key).to_owned(), shown(value)])
            .collect();
        let json = Value::Object(
            facts
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value))
                .collect(),
        );
        Self {
            headers: vec!["what", "value"],
            rows,
            json,
        }
    }

    /// The JSON document.
    pub(crate) fn json(&self) -> &Value {
        &self.json
    }

    /// Prints the result on standard output.
    ///
    /// # Errors
    /// The system's error if standard output cannot be written; a closed pipe is not one.
    pub(crate) fn print(&self, output: Output) -> io::Result<()> {
        let text = match output {
            Output::Table => self.table(),
            Output::Json => format!("{}\n", self.json),
            Output::Csv => self.csv()?,
        };
        print_text(&text)
    }

    /// The aligned columns.
    pub(crate) fn table(&self) -> String {
        let mut table = comfy_table::Table::new();
        table
            .load_style(comfy_table::presets::NOTHING)
            .set_header(self.headers.clone());
        for row in &self.rows {
            table.add_row(row.clone());
        }
        let lines: Vec<String> = table
            .lines()
            .map(|line| line.trim_end().trim_start_matches(' ').to_owned())
            .collect();
        lines.join("\n") + "\n"
    }

    fn csv(&self) -> io::Result<String> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(&self.headers)?;
        for row in &self.rows {
            writer.write_record(row)?;
        }
        let bytes = writer
            .into_inner()
            .map_err(|e| io::Error::other(e.to_string()))?;
        String::from_utf8(bytes).map_err(io::Error::other)
    }
}

/// Prints text on standard output; a reader that has gone away is not an error.
pub(crate) fn print_text(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
    {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}

/// A value as a cell of a table.
pub(crate) fn shown(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn report() -> Report {
        Report::new(
            vec!["code", "name"],
            vec![vec!["005930".to_owned(), "a, b".to_owned()]],
            json!([{"code": "005930", "name": "a, b"}]),
        )
    }

    #[test]
    fn the_same_result_in_three_ways() {
        assert_eq!(report().table(), "code    name\n005930  a, b\n");
        assert_eq!(report().csv().unwrap(), "code,name\n005930,\"a, b\"\n");
        assert_eq!(
            report().json.to_string(),
            r#"[{"code":"005930","name":"a, b"}]"#
        );
    }
}
