//! Files of corporate actions, and which of them are turned away.

use chrono::Utc;
use naeil_domain::ports::{BarHistory as _, BarRequest, BarSource as _};
use naeil_domain::{ActionKind, ActionSource, Exchange};
use naeil_store::ActionsError;
use naeil_store::import::{ActionsReport, read_actions};

use crate::support::{Bench, GOOD_ROWS, HEADER};

impl Bench {
    async fn import_actions(&self, rows: &str) -> Result<ActionsReport, ActionsError> {
        let file = self.file("actions.csv", format!("code,session,kind,ratio\n{rows}"));
        let actions = read_actions(&file)?;
        self.store.import_actions("actions.csv", &actions).await
    }

    async fn with_bars() -> Vec<Self> {
        let benches = Self::on_every_database().await;
        for bench in &benches {
            let file = bench.file("bars.csv", format!("{HEADER}{GOOD_ROWS}"));
            bench.import(&file).await.unwrap();
        }
        benches
    }
}

#[tokio::test]
async fn a_file_of_actions_changes_what_is_read_from_then_on() {
    for bench in Bench::with_bars().await {
        let before = Utc::now();
        let revision = async || bench.store.data_state().await.unwrap().unwrap().revision;
        let first = revision().await;
        let rows = "005930,2024-01-03,split,5\n000660,2024-01-02,other,1.25\n";
        let report = bench.import_actions(rows).await.unwrap();
        assert_eq!((report.stored, report.unchanged), (2, 0));
        assert_eq!(bench.closes("005930").await, ["79600", "385000"]);
        let second = revision().await;
        assert!(second > first);

        let actions = bench.store.actions(None).await.unwrap();
        let said: Vec<_> = actions
            .iter()
            .map(|action| (action.code.as_str(), action.kind, action.ratio))
            .collect();
        let (other, split) = (ActionKind::Other, ActionKind::Split);
        assert_eq!(said, [("000660", other, 1.25), ("005930", split, 5.0)]);
        assert!(actions.iter().all(|a| a.source == ActionSource::Entered));

        let report = bench.import_actions(rows).await.unwrap();
        assert_eq!((report.stored, report.unchanged), (0, 2));
        assert_eq!(revision().await, second, "the same again");

        let known_before = BarRequest {
            as_known_at: Some(before),
            ..BarRequest::default()
        };
        let panel = bench.store.bars(&known_before).await.unwrap();
        assert_eq!(panel.stock_bars(1).close, [79_600.0, 77_000.0]);
    }
}

#[tokio::test]
async fn what_cannot_be_is_refused_by_its_line_and_nothing_of_the_file_is_stored() {
    let good = "000660,2024-01-02,split,2\n";
    for bench in Bench::with_bars().await {
        for (row, expected) in [
            (
                "035420,2024-01-03,split,5",
                "line 3: the store has no stock 035420 on XKRX, import its bars first",
            ),
            (
                "005930,2024-01-03,split,0",
                "line 3: 0 cannot be a ratio, expected price before / price after, such as 5 for a \
                 5:1 split",
            ),
            (
                "005930,2024-01-03,split,-5",
                "line 3: -5 cannot be a ratio, expected price before / price after, such as 5 for a \
                 5:1 split",
            ),
            (
                "005930,2024-01-03,split,NaN",
                "line 3: NaN cannot be a ratio, expected price before / price after, such as 5 for \
                 a 5:1 split",
            ),
            (
                "005930,2024-01-06,split,5",
                "line 3: 2024-01-06 is not a session of XKRX, name the first one on the new footing",
            ),
            (
                "000660,2024-01-02,other,3",
                "line 3: an earlier line has the same code and session, 000660 2024-01-02",
            ),
        ] {
            let error = bench.import_actions(&format!("{good}{row}\n")).await;
            assert_eq!(error.unwrap_err().to_string(), expected, "{row}");
            assert_eq!(bench.store.actions(None).await.unwrap(), [], "{row}");
        }
        // Of another exchange there is neither that stock nor a calendar to ask.
        let american = bench.store.clone().for_exchange(Exchange::Us);
        let actions = read_actions(&bench.path("actions.csv")).unwrap();
        let error = american.import_actions("x", &actions[..1]).await;
        assert!(
            matches!(error, Err(ActionsError::UnknownCode { line: 2, .. })),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn the_sources_that_were_imported_are_known_by_name() {
    for bench in Bench::with_bars().await {
        let names = async |prefix: &str| bench.store.imported_sources(prefix).await.unwrap();
        assert_eq!(names("").await, ["the file"]);
        bench
            .import_actions("005930,2024-01-03,split,5\n")
            .await
            .unwrap();
        assert_eq!(names("").await, ["actions.csv", "the file"]);
        // Once, however often; a pattern of the database's is none here.
        let file = bench.file("again.csv", format!("{HEADER}{GOOD_ROWS}"));
        bench.import(&file).await.unwrap();
        assert_eq!(names("the").await, ["the file"]);
        assert_eq!(names("%file").await, Vec::<String>::new());
        // What failed was not imported.
        let broken = bench.file("broken.csv", format!("{HEADER}005930,x,KOSPI,never,,,,,\n"));
        bench.import(&broken).await.unwrap_err();
        assert_eq!(names("").await, ["actions.csv", "the file"]);
    }
}
