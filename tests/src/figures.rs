//! Tables of measured figures, as `cargo xtask bench` prints them.

use std::time::{Duration, Instant};

/// Times of one piece of work, several times over.
#[derive(Debug, Clone)]
pub struct Times(Vec<f64>);

impl Times {
    /// Runs `work` once to warm up and then `n` times.
    pub fn of<T>(n: usize, mut work: impl FnMut() -> T) -> Self {
        std::hint::black_box(work());
        let seconds = (0..n)
            .map(|_| {
                let started = Instant::now();
                std::hint::black_box(work());
                started.elapsed().as_secs_f64()
            })
            .collect();
        Self::new(seconds)
    }

    /// Times that were taken elsewhere, in seconds.
    pub fn new(mut seconds: Vec<f64>) -> Self {
        seconds.sort_by(f64::total_cmp);
        Self(seconds)
    }

    /// The median, in seconds.
    pub fn median(&self) -> f64 {
        self.0[self.0.len() / 2]
    }

    /// `median (min to max)` in milliseconds.
    pub fn milliseconds(&self) -> String {
        let ms = |s: f64| s * 1e3;
        let (first, last) = (self.0[0], self.0[self.0.len() - 1]);
        format!(
            "{:.3} ({:.3} to {:.3})",
            ms(self.median()),
            ms(first),
            ms(last)
        )
    }

    /// `median (min to max)` of one of `n` pieces in microseconds.
    pub fn microseconds_each(&self, n: usize) -> String {
        let us = |s: f64| s * 1e6 / n as f64;
        let (first, last) = (self.0[0], self.0[self.0.len() - 1]);
        format!(
            "{:.1} ({:.1} to {:.1})",
            us(self.median()),
            us(first),
            us(last)
        )
    }

    /// How many of `n` pieces a second, at the median.
    pub fn rate(&self, n: usize) -> String {
        format!("{:.0}", n as f64 / self.median())
    }
}

/// Prints the head of a table: title, date, machine, columns.
pub fn head(title: &str, columns: &[&str]) {
    say(&format!(
        "\n### {title}\n\n{}, {}\n\n| {} |\n|{}",
        chrono::Utc::now().format("%Y-%m-%d"),
        crate::machine::describe(),
        columns.join(" | "),
        "---|".repeat(columns.len())
    ));
}

/// Prints a row of a table.
pub fn row(cells: &[&str]) {
    say(&format!("| {} |", cells.join(" | ")));
}

fn say(line: &str) {
    use std::io::Write as _;
    // A reader that has gone away ends the interest in the figures, not the measuring.
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// A duration in seconds with one digit.
pub fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}
