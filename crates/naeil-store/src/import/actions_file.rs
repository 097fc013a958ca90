//! Files of corporate actions: CSV with the columns `code,session,kind,ratio`, others ignored.

use std::path::Path;

use naeil_domain::{ActionKind, ActionSource, CorporateAction, Session, StockCode};

use super::actions::EnteredAction;
use crate::error::ActionsError;

const COLUMNS: [&str; 4] = ["code", "session", "kind", "ratio"];

/// Reads a file of actions.
///
/// # Errors
/// [`ActionsError`] naming the line and the column.
pub fn read_actions(path: &Path) -> Result<Vec<EnteredAction>, ActionsError> {
    let text = std::fs::read(path).map_err(|source| ActionsError::Unreadable {
        path: path.to_owned(),
        source,
    })?;
    let damaged = |error: ::csv::Error| ActionsError::Damaged {
        path: path.to_owned(),
        detail: error.to_string(),
    };
    // Spreadsheets put a mark of three bytes before UTF-8.
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&text);
    let mut reader = ::csv::ReaderBuilder::new()
        .trim(::csv::Trim::All)
        .from_reader(text);
    let headers = reader.headers().map_err(damaged)?.clone();
    let mut places = [0; COLUMNS.len()];
    for (place, column) in places.iter_mut().zip(COLUMNS) {
        *place = headers
            .iter()
            .position(|header| header.eq_ignore_ascii_case(column))
            .ok_or_else(|| ActionsError::MissingColumn {
                path: path.to_owned(),
                column,
            })?;
    }
    let mut actions = Vec::new();
    let mut lines = Lines::new(text);
    for record in reader.records() {
        let record = record.map_err(damaged)?;
        let line = lines.at(record.position().map_or(0, ::csv::Position::byte));
        let field = |idx: usize| record.get(places[idx]).unwrap_or_default();
        actions.push(EnteredAction {
            line,
            action: parse(line, [field(0), field(1), field(2), field(3)])?,
        });
    }
    Ok(actions)
}

/// Counts lines. The reader's own count is one too low where lines end as spreadsheets end them,
/// because it notes the place of a record before the last byte of the line before.
struct Lines<'t> {
    text: &'t [u8],
    at: usize,
    line: u64,
}

impl<'t> Lines<'t> {
    fn new(text: &'t [u8]) -> Self {
        Self {
            text,
            at: 0,
            line: 1,
        }
    }

    /// The line of the record that begins at or right after a byte.
    fn at(&mut self, byte: u64) -> u64 {
        let is_before = |at: usize| (at as u64) < byte;
        while let Some(next) = self.text.get(self.at)
            && (is_before(self.at) || matches!(next, b'\r' | b'\n'))
        {
            self.line += u64::from(*next == b'\n');
            self.at += 1;
        }
        self.line
    }
}

fn parse(line: u64, fields: [&str; COLUMNS.len()]) -> Result<CorporateAction, ActionsError> {
    let bad = |idx: usize, expected| ActionsError::BadValue {
        line,
        column: COLUMNS[idx],
        value: fields[idx].chars().take(40).collect(),
        expected,
    };
    Ok(CorporateAction {
        code: StockCode::parse(fields[0]).map_err(|_| bad(0, "a code such as 005930"))?,
        session: Session::parse(fields[1]).map_err(|_| bad(1, "a date such as 2018-05-04"))?,
        kind: ActionKind::parse(&fields[2].to_lowercase())
            .ok_or_else(|| bad(2, "split, consolidation, basis_switch or other"))?,
        ratio: fields[3]
            .parse()
            .map_err(|_| bad(3, "a number such as 5 for a 5:1 split"))?,
        source: ActionSource::Entered,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<EnteredAction>, String> {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("actions.csv");
        std::fs::write(&path, text).unwrap();
        let shown = path.display().to_string();
        read_actions(&path).map_err(|error| error.to_string().replace(&shown, "FILE"))
    }

    #[test]
    fn a_spreadsheets_file_is_read() {
        let text = "\u{feff}note,code,Session,kind,ratio\r\n, 005930 ,2018-05-04,Split,50\r\n";
        let expected = EnteredAction {
            line: 2,
            action: CorporateAction {
                code: StockCode::parse("005930").unwrap(),
                session: Session::parse("2018-05-04").unwrap(),
                kind: ActionKind::Split,
                ratio: 50.0,
                source: ActionSource::Entered,
            },
        };
        assert_eq!(read(text), Ok(vec![expected]));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        let after_header = |rows: &str| read(&format!("code,session,kind,ratio\n{rows}"));
        for (rows, message) in [
            (
                "005930,2018-05-04,split,50\n005930,2018-13-04,split,50\n",
                "line 3: '2018-13-04' is no session, expected a date such as 2018-05-04",
            ),
            (
                "005930,2018-05-04,splat,50\n",
                "line 2: 'splat' is no kind, expected split, consolidation, basis_switch or other",
            ),
            (
                "005930,2018-05-04,split,x\n",
                "line 2: 'x' is no ratio, expected a number such as 5 for a 5:1 split",
            ),
        ] {
            assert_eq!(after_header(rows), Err(message.to_owned()));
        }
        assert!(after_header("005930,2018-05-04\n").is_err());
        assert_eq!(
            read("code,session,ratio\n"),
            Err(
                "FILE lacks the column kind; an actions file has code,session,kind,ratio"
                    .to_owned()
            )
        );
    }
}
