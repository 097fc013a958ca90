//! Files of other people, each written here by hand in exactly the shape its vendor gives it.

use naeil_domain::PriceBasis;
use naeil_domain::ports::{BarRequest, BarSource as _, StockDirectory as _};
use naeil_store::import::{FileSource, Layout, ReadRow, RowSource as _, SHIPPED, SourceRow};
use naeil_store::{ImportError, ImportReport};

use crate::support::{Bench, figures, gzipped};

fn shipped(name: &str) -> Layout {
    let layout = SHIPPED.iter().find(|shipped| shipped.name == name).unwrap();
    toml::from_str(layout.toml).unwrap()
}

fn euc_kr(text: &str) -> Vec<u8> {
    let (bytes, _, unmappable) = encoding_rs::EUC_KR.encode(text);
    assert!(!unmappable, "{text}");
    bytes.into_owned()
}

impl Bench {
    async fn import_with(
        &self,
        name: &str,
        contents: impl AsRef<[u8]>,
        layout: &Layout,
    ) -> Result<ImportReport, ImportError> {
        let path = self.file(name, contents);
        let mut source = FileSource::open_with(&path, layout)?;
        self.import_from(&mut source).await
    }

    /// The message with which a file is turned away, `FOLDER` standing for the bench's own.
    fn turned_away(&self, name: &str, contents: impl AsRef<[u8]>, layout: &Layout) -> String {
        let path = self.file(name, contents);
        let error = FileSource::open_with(&path, layout)
            .unwrap_err()
            .to_string();
        let folder = path.parent().unwrap().display().to_string();
        error.replace(&folder, "FOLDER")
    }
}

/// Rows as the source hands them over; what the store makes of them is not asked.
fn rows<T>(
    bench: &Bench,
    name: &str,
    contents: &[u8],
    layout: &Layout,
    of: fn(SourceRow<'_>) -> T,
) -> Vec<T> {
    let path = bench.file(name, contents);
    let mut source = FileSource::open_with(&path, layout).unwrap();
    let mut rows = Vec::new();
    let mut sink = |row: ReadRow<'_>| {
        match row {
            ReadRow::Typed(row) => rows.push(of(row)),
            ReadRow::Refused(row) => panic!("{row:?}"),
        }
        Ok(())
    };
    while source.read(4096, &mut sink).unwrap() {}
    rows
}

/// As pandas writes it: an index without quotes, empty for NaN; a halted day has a close alone.
const FINANCE_DATA_READER: &str = "\
Date,Open,High,Low,Close,Volume,Change
2024-01-02,78200,79800,78200,79600,17142847,
2024-01-03,78500,78800,77000,77000,21753644,-0.03266331658291455
2024-01-04,0,0,0,77000,0,0.0
";

#[tokio::test]
async fn finance_data_reader() {
    let bench = Bench::new().await;
    let layout = shipped("financedatareader").with_market("KOSPI");
    let report = bench
        .import_with("005930.csv", FINANCE_DATA_READER, &layout)
        .await
        .unwrap();
    assert_eq!(figures(&report), (3, 3, 0, 0, 0));
    assert_eq!(bench.closes("005930").await, ["79600", "77000", "77000"]);
    let panel = bench.store.bars(&BarRequest::default()).await.unwrap();
    assert_eq!(panel.stock_bars(0).volume[2], 0.0);
    // Gzipped and with a byte order mark it is the same.
    let marked = gzipped(format!("\u{feff}{FINANCE_DATA_READER}").as_bytes());
    let report = bench
        .import_with("005930.csv.gz", marked, &layout)
        .await
        .unwrap();
    assert_eq!(figures(&report), (3, 0, 0, 3, 0));
}

#[tokio::test]
async fn a_layout_that_lacks_something_says_how_to_give_it() {
    let bench = Bench::new().await;
    let layout = shipped("financedatareader");
    assert_eq!(
        bench.turned_away("005930.csv", FINANCE_DATA_READER, &layout),
        "the layout does not say where the market stands: set columns.market, or constants.market, \
         or --market KOSPI"
    );
    let layout = layout.with_market("KOSPI");
    assert_eq!(
        bench.turned_away("삼성 전자.csv", FINANCE_DATA_READER, &layout),
        "the name of 삼성 전자.csv does not say its code: the layout expects names such as \
         {code}.csv; rename it"
    );
    let renamed = FINANCE_DATA_READER
        .replace("Close", "Adj Close")
        .replace("Date", "date");
    assert_eq!(
        bench.turned_away("005930.csv", renamed, &layout),
        "FOLDER/005930.csv lacks the columns Date, Close; it has date, Open, High, Low, Adj Close, \
         Volume, Change; did you mean date for Date?"
    );
}

/// As the site writes it: EUC-KR, every value in quotes, Windows line ends; a halted row has zeros,
/// and a row of the KOSDAQ's upper segment has a name of its own.
const KRX_MARKET: &str = "\
종목코드,종목명,시장구분,소속부,종가,대비,등락률,시가,고가,저가,거래량,거래대금,시가총액,상장주식수\r\n\
\"060310\",\"3S\",\"KOSDAQ\",\"중견기업부\",\"2730\",\"-45\",\"-1.62\",\"2765\",\"2795\",\"2715\",\"166690\",\"457521465\",\"132503600490\",\"48536117\"\r\n\
\"095570\",\"AJ네트웍스\",\"KOSPI\",\"\",\"4,560\",\"-20\",\"-0.44\",\"4,580\",\"4,600\",\"4,530\",\"44,829\",\"204497245\",\"206353735920\",\"45252759\"\r\n\
\"247540\",\"에코프로비엠\",\"KOSDAQ GLOBAL\",\"우량기업부\",\"289500\",\"1500\",\"0.52\",\"288000\",\"295000\",\"286500\",\"450861\",\"131128939500\",\"28313446152000\",\"97801196\"\r\n\
\"900000\",\"정지주\",\"KOSPI\",\"\",\"1000\",\"0\",\"0.00\",\"0\",\"0\",\"0\",\"0\",\"0\",\"1000000\",\"1000\"\r\n";

#[tokio::test]
async fn krx_data_marketplace() {
    let bench = Bench::new().await;
    let layout = shipped("krx-market");
    let report = bench
        .import_with("data_5143_20240103.csv", euc_kr(KRX_MARKET), &layout)
        .await
        .unwrap();
    assert_eq!(figures(&report), (4, 4, 0, 0, 0));
    let stocks = bench.store.stocks().await.unwrap();
    let told: Vec<_> = stocks
        .iter()
        .map(|s| {
            (
                s.code.as_str(),
                &*s.name,
                s.market.as_str(),
                s.last_session.to_string(),
            )
        })
        .collect();
    let on = || "2024-01-03".to_owned();
    assert_eq!(
        told,
        [
            ("060310", "3S", "KOSDAQ", on()),
            ("095570", "AJ네트웍스", "KOSPI", on()),
            ("247540", "에코프로비엠", "KOSDAQ", on()),
            ("900000", "정지주", "KOSPI", on()),
        ]
    );
    assert_eq!(bench.closes("095570").await, ["4560"]);
    // The change gives the price that it is measured from.
    let told = rows(
        &bench,
        "20240103.csv",
        &euc_kr(KRX_MARKET),
        &layout,
        |row| (row.base_price, row.basis),
    );
    let as_traded = Some(PriceBasis::AsTraded);
    assert_eq!(
        told,
        [
            (Some(2775.0), as_traded),
            (Some(4580.0), as_traded),
            (Some(288_000.0), as_traded),
            (Some(1000.0), as_traded),
        ]
    );
}

#[tokio::test]
async fn a_krx_file_that_was_saved_again_or_is_called_otherwise() {
    let bench = Bench::new().await;
    let layout = shipped("krx-market");
    // A spreadsheet saves it as UTF-8 with a byte order mark.
    let saved = format!("\u{feff}{KRX_MARKET}");
    let report = bench
        .import_with("20240103.csv", saved, &layout)
        .await
        .unwrap();
    assert_eq!(figures(&report), (4, 4, 0, 0, 0));
    let error = bench.turned_away("20240103.csv", KRX_MARKET, &layout);
    assert!(
        error.ends_with("; its header is not EUC-KR, perhaps the file was saved again as UTF-8"),
        "{error}"
    );
    assert_eq!(
        bench.turned_away("오늘.csv", euc_kr(KRX_MARKET), &layout),
        "the name of 오늘.csv does not say its date: the layout expects names such as \
         *{date:%Y%m%d}.csv; rename it, or say --session DATE"
    );
    let layout = layout.with_session("2024-01-04".parse().unwrap());
    let told = rows(&bench, "오늘.csv", &euc_kr(KRX_MARKET), &layout, |row| {
        row.date
    });
    assert_eq!(told, vec!["2024-01-04".parse().unwrap(); 4]);
    // What is not CP949 at all is refused row by row.
    let mut damaged = euc_kr(KRX_MARKET);
    let at = damaged.windows(2).position(|w| w == b"3S").unwrap();
    damaged[at] = 0xff;
    let path = bench.file("20240103.csv", damaged);
    let mut source = FileSource::open_with(&path, &shipped("krx-market")).unwrap();
    let report = bench.import_from(&mut source).await.unwrap();
    assert_eq!(report.refused.get("bad_utf8"), Some(&1), "{report:?}");
    // The long format says what to do about it.
    let error = bench.turned_away("20240103.csv", euc_kr(KRX_MARKET), &Layout::long_format());
    assert!(error.contains("encoding = \"euc-kr\""), "{error}");
}

#[tokio::test]
async fn pykrx_by_code_and_by_session() {
    let bench = Bench::new().await;
    let by_code = "날짜,시가,고가,저가,종가,거래량,등락률\n\
        2024-01-02,78200,79800,78200,79600,17142847,1.401274\n\
        2024-01-03,0,0,0,79600,0,0.0\n";
    let layout = shipped("pykrx").with_market("KOSPI");
    let report = bench
        .import_with("005930.csv", by_code, &layout)
        .await
        .unwrap();
    assert_eq!(figures(&report), (2, 2, 0, 0, 0));
    let by_session = "티커,시가,고가,저가,종가,거래량,거래대금,등락률\n\
        095570,4580,4600,4530,4560,44829,204497245,-0.44\n\
        00104K,67000,67900,66500,66900,2222,149046300,0.3\n";
    let layout = shipped("pykrx-session").with_market("KOSPI");
    let report = bench
        .import_with("KOSPI_20240104.csv", by_session, &layout)
        .await
        .unwrap();
    assert_eq!(figures(&report), (2, 2, 0, 0, 0));
    assert_eq!(bench.closes("00104K").await, ["NaN", "NaN", "66900"]);
}

#[tokio::test]
async fn marcap_as_csv() {
    let bench = Bench::new().await;
    let text = "Code,Name,Market,Dept,Close,ChangeCode,Changes,ChagesRatio,Open,High,Low,Volume,Amount,Marcap,Stocks,MarketId,Rank,Date\n\
        005930,삼성전자,KOSPI,,83000,1,2000,2.47,81000,84400,80200,38655276,3185356823460,495491951650000,5969782550,STK,1,2021-01-04\n\
        247540,에코프로비엠,KOSDAQ GLOBAL,우량기업부,179000,1,9000,5.3,170000,183500,169100,512331,90000000000,3760000000000,21000000,KSQ,120,2021-01-04\n";
    let report = bench
        .import_with("marcap-2021.csv", text, &shipped("marcap"))
        .await
        .unwrap();
    assert_eq!(figures(&report), (2, 2, 0, 0, 0));
}

#[tokio::test]
async fn units_separators_missing_words_factors_and_details_of_ones_own() {
    let bench = Bench::new().await;
    let layout: Layout = toml::from_str(
        r#"
        price_unit = 1000.0
        volume_unit = 100.0
        [text]
        delimiter = ";"
        thousands = " "
        date_format = "%d.%m.%Y"
        missing = ["n/a"]
        [constants]
        market = "KOSPI"
        [columns]
        code = "Kürzel"
        date = "Tag"
        open = "o"
        high = "h"
        low = "l"
        close = "c"
        volume = "v"
        adj_close = "ac"
        base_price = "base"
        isin = "isin"
        listed_on = "listed"
        "#,
    )
    .unwrap();
    let text = "Tag;Kürzel;o;h;l;c;v;ac;base;isin;listed\n\
        09.04.2021;035720;549;561;543;558;1 000;111.6;n/a;KR7035720002;10.07.2017\n\
        15.04.2021;035720;112;133.5;112;120.5;5 000;120.5;111.6;n/a;n/a\n";
    let told = rows(&bench, "x.csv", text.as_bytes(), &layout, |row| {
        let isin = row.details.isin.map(str::to_owned);
        (
            (row.open, row.close, row.volume),
            (row.adjustment_factor, row.base_price),
            (isin, row.details.listed_on.map(|day| day.to_string())),
        )
    });
    let words = |a: &str, b: &str| (Some(a.to_owned()), Some(b.to_owned()));
    assert_eq!(
        told,
        [
            (
                (549_000.0, 558_000.0, 100_000.0),
                (Some(111.6 / 558.0), None),
                words("KR7035720002", "2017-07-10"),
            ),
            (
                (112_000.0, 120_500.0, 500_000.0),
                (Some(1.0), Some(111_600.0)),
                (None, None),
            ),
        ]
    );
    // A vendor's adjusted close serves as factor: what is read is on one footing.
    bench.import_with("x.csv", text, &layout).await.unwrap();
    let closes = bench.closes("035720").await;
    let (first, last) = (&closes[0], &closes[closes.len() - 1]);
    let ratio = last.parse::<f64>().unwrap() / first.parse::<f64>().unwrap();
    assert!((ratio - 120.5 / 111.6).abs() < 1e-12, "{closes:?}");
}
