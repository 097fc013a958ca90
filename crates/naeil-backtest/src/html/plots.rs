//! Plots as SVG within the page.

use std::error::Error;

use plotters::prelude::*;

use super::{escaped, push};

/// Colours that stand for roles; [`themed`] puts the page's own in their place.
const INK: RGBColor = RGBColor(1, 1, 1);
const GRID: RGBColor = RGBColor(2, 2, 2);

/// What a line stands for, and so its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Network,
    Rival,
    Factor,
    Truth,
}

impl Role {
    const fn colour(self) -> RGBColor {
        match self {
            Self::Network => RGBColor(3, 3, 3),
            Self::Rival => RGBColor(4, 4, 4),
            Self::Factor => RGBColor(5, 5, 5),
            Self::Truth => RGBColor(6, 6, 6),
        }
    }

    const fn variable(self) -> &'static str {
        match self {
            Self::Network => "--data",
            Self::Rival => "--rival",
            Self::Factor => "--factor",
            Self::Truth => "--truth",
        }
    }

    const ALL: [Self; 4] = [Self::Network, Self::Rival, Self::Factor, Self::Truth];
}

/// One line of a plot.
pub(super) struct Line<'a> {
    pub(super) name: &'a str,
    pub(super) role: Role,
    pub(super) points: Vec<(f64, f64)>,
    /// Dots as well as a line: for few points.
    pub(super) dots: bool,
    /// Drawn faintly: one of many of its kind, without an entry of its own in the legend.
    pub(super) faint: bool,
}

/// How the horizontal axis is labelled.
pub(super) enum Across<'a> {
    /// Point i is at i, and is called so.
    Names(&'a [String]),
    /// Numbers, with so many digits.
    Numbers(usize),
}

/// A plot: lines over a common axis.
pub(super) struct Plot<'a> {
    pub(super) caption: &'a str,
    pub(super) size: (u32, u32),
    pub(super) across: Across<'a>,
    pub(super) lines: Vec<Line<'a>>,
    /// A horizontal line at a value that means something.
    pub(super) level: Option<f64>,
    /// A line from the lower left to the upper right.
    pub(super) diagonal: bool,
    /// Vertical bars from low to high at a point, for intervals.
    pub(super) whiskers: Vec<(f64, f64, f64)>,
    /// Digits of the vertical axis.
    pub(super) digits: usize,
}

impl Plot<'_> {
    /// Appends the plot as a figure; nothing if there is not a point to draw.
    pub(super) fn render(&self, page: &mut String) {
        if self.lines.iter().all(|line| line.points.is_empty()) {
            return;
        }
        // A plot that cannot be drawn is missed, and the tables say the same.
        let svg = match self.draw() {
            Ok(svg) => themed(&svg, self.size),
            Err(error) => format!(
                "<p>This plot could not be drawn: {}.</p>",
                escaped(&error.to_string())
            ),
        };
        let caption = escaped(self.caption);
        push(
            page,
            format_args!("<figure role=\"group\" aria-label=\"{caption}\">\n<figcaption>{caption}"),
        );
        let mut named: Vec<&str> = Vec::new();
        for line in &self.lines {
            if named.contains(&line.name) || line.points.is_empty() {
                continue;
            }
            named.push(line.name);
            push(
                page,
                format_args!(
                    " <span class=\"key\"><i style=\"background:var({})\"></i>{}</span>",
                    line.role.variable(),
                    escaped(line.name)
                ),
            );
        }
        push(page, format_args!("</figcaption>\n{svg}\n</figure>\n"));
    }

    fn draw(&self) -> Result<String, Box<dyn Error>> {
        let (x, y) = self.ranges();
        let mut svg = String::new();
        {
            let root = SVGBackend::with_string(&mut svg, self.size).into_drawing_area();
            let mut chart = ChartBuilder::on(&root)
                .margin(8)
                .margin_right(24)
                .x_label_area_size(28)
                .y_label_area_size(58)
                .build_cartesian_2d(x.0..x.1, y.0..y.1)?;
            let across = |x: &f64| match &self.across {
                Across::Names(names) => {
                    let whole = (x - x.round()).abs() < 0.01 && *x > -0.5;
                    let name = whole.then(|| names.get(x.round() as usize)).flatten();
                    name.cloned().unwrap_or_default()
                }
                Across::Numbers(digits) => format!("{x:.digits$}"),
            };
            let up = |y: &f64| format!("{y:.*}", self.digits);
            let n_labels = match &self.across {
                Across::Names(names) => names.len().clamp(2, 9),
                Across::Numbers(_) => 6,
            };
            chart
                .configure_mesh()
                .disable_x_mesh()
                .light_line_style(TRANSPARENT)
                .bold_line_style(GRID)
                .axis_style(GRID)
                .x_labels(n_labels)
                .y_labels(5)
                .x_label_formatter(&across)
                .y_label_formatter(&up)
                .label_style(("sans-serif", 13).into_font().color(&INK))
                .draw()?;
            let rule = |from: (f64, f64), to: (f64, f64)| {
                PathElement::new(vec![from, to], INK.mix(0.45).stroke_width(1))
            };
            if let Some(level) = self.level {
                chart.draw_series([rule((x.0, level), (x.1, level))])?;
            }
            if self.diagonal {
                let (from, to) = (x.0.max(y.0), x.1.min(y.1));
                chart.draw_series([rule((from, from), (to, to))])?;
            }
            let whisker = |&(x, low, high): &(f64, f64, f64)| {
                let colour = Role::Network.colour().stroke_width(1);
                PathElement::new(vec![(x, low), (x, high)], colour)
            };
            chart.draw_series(self.whiskers.iter().map(whisker))?;
            for line in &self.lines {
                let strength = if line.faint { 0.35 } else { 1.0 };
                let colour = line.role.colour().mix(strength);
                let style = colour.stroke_width(if line.faint { 1 } else { 2 });
                chart.draw_series(LineSeries::new(line.points.iter().copied(), style))?;
                if line.dots {
                    let dot = |&point: &(f64, f64)| Circle::new(point, 3, colour.filled());
                    chart.draw_series(line.points.iter().map(dot))?;
                }
            }
            root.present()?;
        }
        Ok(svg)
    }

    /// The ranges of both axes, with a margin.
    fn ranges(&self) -> ((f64, f64), (f64, f64)) {
        let points = || {
            self.lines
                .iter()
                .flat_map(|line| line.points.iter().copied())
        };
        let whiskers = self.whiskers.iter().flat_map(|w| [w.1, w.2]);
        let level = self.level.into_iter();
        let x = range(points().map(|point| point.0));
        let y = range(points().map(|point| point.1).chain(whiskers).chain(level));
        let margin = |(low, high): (f64, f64), share: f64| {
            let more = (high - low) * share;
            (low - more, high + more)
        };
        (margin(x, 0.02), margin(y, 0.08))
    }
}

fn range(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        (low.min(value), high.max(value))
    });
    // One value alone has no extent, and none at all has no place.
    match (low.is_finite(), high - low > 1e-9) {
        (true, true) => (low, high),
        (true, false) => (
            low - 0.5 * low.abs().max(0.02),
            low + 0.5 * low.abs().max(0.02),
        ),
        (false, _) => (0.0, 1.0),
    }
}

/// Puts the page's colours in, lets the drawing shrink with the window, and tells a screen reader
/// that it is a picture.
fn themed(svg: &str, (width, height): (u32, u32)) -> String {
    let svg = svg.trim_start_matches("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
    let mut svg = svg
        .replace(
            &format!("width=\"{width}\" height=\"{height}\" viewBox"),
            "aria-hidden=\"true\" viewBox",
        )
        .replace("#010101", "currentColor")
        .replace("#020202", "var(--grid)");
    for role in Role::ALL {
        let RGBColor(r, g, b) = role.colour();
        let placeholder = format!("#{r:02X}{g:02X}{b:02X}");
        svg = svg.replace(&placeholder, &format!("var({})", role.variable()));
    }
    svg
}
