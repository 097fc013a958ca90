//! A recorded-looking market of random walks, as CSV files that tests can correct and poison.

use std::path::PathBuf;

use chrono::NaiveDate;
use naeil_domain::TradingCalendar;
use naeil_tests::binary::Workdir;

/// Stocks of a [`Walk`].
pub(crate) const N_STOCKS: usize = 60;
/// Sessions of a [`Walk`]: enough for warm-up, lookback, both held-out parts and their purges.
pub(crate) const N_SESSIONS: usize = 320;

/// One row of a file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WalkBar {
    pub(crate) stock: usize,
    pub(crate) date: NaiveDate,
    pub(crate) open: f64,
    pub(crate) high: f64,
    pub(crate) low: f64,
    pub(crate) close: f64,
    pub(crate) volume: f64,
}

impl WalkBar {
    /// All four prices multiplied.
    pub(crate) fn scaled(self, factor: f64) -> Self {
        Self {
            open: self.open * factor,
            high: self.high * factor,
            low: self.low * factor,
            close: self.close * factor,
            ..self
        }
    }

    fn line(&self) -> String {
        let Self {
            stock,
            date,
            open,
            high,
            low,
            close,
            volume,
        } = self;
        let code = code(*stock);
        format!(
            "{code},walk {code},KOSPI,{date},{open:.2},{high:.2},{low:.2},{close:.2},{volume}\n"
        )
    }
}

/// The code of a stock.
pub(crate) fn code(stock: usize) -> String {
    format!("{:06}", (stock + 1) * 10)
}

/// Sessions of the Korea Exchange from January 2023 on.
pub(crate) fn sessions() -> Vec<NaiveDate> {
    let calendar = TradingCalendar::xkrx();
    let first = NaiveDate::from_ymd_opt(2023, 1, 2).unwrap();
    let sessions = first
        .iter_days()
        .filter(|&date| calendar.is_session(date) == Ok(true));
    sessions.take(N_SESSIONS).collect()
}

/// Closes that walk by at most 2 % a session, the same every time.
pub(crate) fn walk() -> Vec<WalkBar> {
    let mut noise = Noise(11);
    let mut bars = Vec::with_capacity(N_STOCKS * N_SESSIONS);
    for stock in 0..N_STOCKS {
        let mut close = 20_000.0;
        for date in sessions() {
            let open = close * (1.0 + 0.005 * noise.next());
            close *= 1.0 + 0.02 * noise.next();
            bars.push(WalkBar {
                stock,
                date,
                open,
                high: open.max(close) * 1.003,
                low: open.min(close) * 0.997,
                close,
                volume: (10_000.0 * (2.0 + noise.next())).round(),
            });
        }
    }
    bars
}

/// Writes bars and further lines as a CSV file of the folder.
pub(crate) fn write(workdir: &Workdir, name: &str, bars: &[WalkBar], lines: &[String]) -> PathBuf {
    let mut text = "code,name,market,date,open,high,low,close,volume\n".to_owned();
    text.extend(bars.iter().map(WalkBar::line));
    text.extend(lines.iter().map(|line| format!("{line}\n")));
    let path = workdir.path().join(name);
    std::fs::write(&path, text).unwrap();
    path
}

/// Imports a file and gives the report on it.
pub(crate) fn import(workdir: &Workdir, file: &std::path::Path) -> serde_json::Value {
    workdir.json(["import".as_ref(), file.as_os_str()])[0].clone()
}

/// Numbers between -1 and 1 (splitmix64: Steele, Lea and Flood, 2014).
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    }
}
