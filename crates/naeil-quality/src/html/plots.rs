//! The plots of the page, as SVG within it.

use std::error::Error;

use plotters::prelude::*;

use super::push;
use crate::report::{QualityReport, ReturnBin, SessionRow};

const SIZE: (u32, u32) = (880, 210);

/// Colours that stand for roles; [`themed`] puts the page's own in their place.
const INK: RGBColor = RGBColor(1, 1, 1);
const GRID: RGBColor = RGBColor(2, 2, 2);
const DATA: RGBColor = RGBColor(3, 3, 3);
const ALARM: RGBColor = RGBColor(4, 4, 4);

type Drawn = Result<String, Box<dyn Error>>;

/// The section with all plots; nothing if there is no session.
pub(super) fn section(page: &mut String, report: &QualityReport) {
    if report.sessions.len() < 2 {
        return;
    }
    page.push_str("<section aria-labelledby=\"plots\">\n<h2 id=\"plots\">Over time</h2>\n");
    let sessions = &report.sessions;
    figure(page, "Bars in each session.", line(sessions, |s| s.bars));
    figure(
        page,
        "Bars without a trade in each session.",
        line(sessions, |s| s.halts),
    );
    figure(
        page,
        "Stocks without a bar in each session of their life. A red line from top to bottom marks a \
         session without one bar.",
        sticks(sessions, |s| s.missing, DATA),
    );
    figure(
        page,
        "Moves of the close beyond the limit in each session, those across gaps left out.",
        sticks(sessions, |s| s.moves, ALARM),
    );
    figure(
        page,
        "Moves of the close from one trade to the next, across halts and gaps too, as a share of \
         the limit of their day, on a logarithmic scale of counts. Beyond the limit, at -1 and 1, \
         they are red; the outermost bars hold everything beyond.",
        returns(&report.returns),
    );
    page.push_str("</section>\n");
}

fn figure(page: &mut String, caption: &str, drawn: Drawn) {
    // A plot that cannot be drawn is missed, and the tables say the same.
    let svg = match drawn {
        Ok(svg) => themed(&svg),
        Err(error) => format!(
            "<p>This plot could not be drawn: {}.</p>",
            super::escaped(&error.to_string())
        ),
    };
    push(
        page,
        format_args!(
            "<figure role=\"group\" aria-label=\"{caption}\">\n{svg}\n<figcaption>{caption}\
             </figcaption>\n</figure>\n"
        ),
    );
}

/// Puts the page's colours in, lets the drawing shrink with the window, and tells a screen reader
/// that it is a picture.
fn themed(svg: &str) -> String {
    let svg = svg.trim_start_matches("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
    let (width, height) = SIZE;
    svg.replace(
        &format!("width=\"{width}\" height=\"{height}\" viewBox"),
        "aria-hidden=\"true\" viewBox",
    )
    .replace("#010101", "currentColor")
    .replace("#020202", "var(--grid)")
    .replace("#030303", "var(--data)")
    .replace("#040404", "var(--alarm)")
}

/// Axes of sessions and counts: the drawing area, the sessions, the greatest count.
macro_rules! axes {
    ($root:expr, $sessions:expr, $most:expr) => {{
        let sessions: &[SessionRow] = $sessions;
        let last = (sessions.len() - 1) as f64;
        let mut chart = ChartBuilder::on($root)
            .margin(8)
            .x_label_area_size(28)
            .y_label_area_size(64)
            .build_cartesian_2d(0.0..last, 0.0..$most * 1.05)?;
        let label = |x: &f64| {
            let session = sessions.get(x.round() as usize);
            session.map_or_else(String::new, |s| s.session.clone())
        };
        chart
            .configure_mesh()
            .disable_x_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(GRID)
            .axis_style(GRID)
            .x_labels(8)
            .y_labels(if $most < 5.0 { $most as usize + 1 } else { 5 })
            .x_label_formatter(&label)
            .y_label_formatter(&|y| crate::findings::grouped(*y as u64))
            .label_style(("sans-serif", 13).into_font().color(&INK))
            .draw()?;
        chart
    }};
}

fn line(sessions: &[SessionRow], value: impl Fn(&SessionRow) -> u64) -> Drawn {
    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        let most = most(sessions, &value);
        let mut chart = axes!(&root, sessions, most);
        let points = sessions
            .iter()
            .enumerate()
            .map(|(i, s)| (i as f64, value(s) as f64));
        chart.draw_series(LineSeries::new(points, DATA.stroke_width(1)))?;
        root.present()?;
    }
    Ok(svg)
}

fn sticks(sessions: &[SessionRow], value: impl Fn(&SessionRow) -> u64, colour: RGBColor) -> Drawn {
    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        let most = most(sessions, &value);
        let mut chart = axes!(&root, sessions, most);
        let stick = |x: usize, y: f64, colour: RGBColor| {
            PathElement::new(vec![(x as f64, 0.0), (x as f64, y)], colour.stroke_width(2))
        };
        let with_value = sessions.iter().enumerate().filter(|(_, s)| value(s) > 0);
        chart.draw_series(with_value.map(|(i, s)| stick(i, value(s) as f64, colour)))?;
        let empty = sessions.iter().enumerate().filter(|(_, s)| s.bars == 0);
        chart.draw_series(empty.map(|(i, _)| stick(i, most * 1.05, ALARM)))?;
        root.present()?;
    }
    Ok(svg)
}

fn most(sessions: &[SessionRow], value: impl Fn(&SessionRow) -> u64) -> f64 {
    sessions.iter().map(value).max().unwrap_or(0).max(1) as f64
}

fn returns(bins: &[ReturnBin]) -> Drawn {
    let mut svg = String::new();
    let (Some(first), Some(last)) = (bins.first(), bins.last()) else {
        return Ok(svg);
    };
    {
        let root = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        let height = |n: u64| ((n + 1) as f64).log10();
        let most = bins.iter().map(|bin| height(bin.n)).fold(1.0, f64::max);
        let mut chart = ChartBuilder::on(&root)
            .margin(8)
            .x_label_area_size(28)
            .y_label_area_size(64)
            .build_cartesian_2d(first.from..last.to, 0.0..most * 1.05)?;
        chart
            .configure_mesh()
            .disable_x_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(GRID)
            .axis_style(GRID)
            .x_labels(7)
            .y_labels(5)
            .y_label_formatter(&power_of_ten)
            .label_style(("sans-serif", 13).into_font().color(&INK))
            .draw()?;
        chart.draw_series(bins.iter().filter(|bin| bin.n > 0).map(|bin| {
            let beyond = bin.from < -1.0 - 1e-9 || bin.to > 1.0 + 1e-9;
            let colour = if beyond { ALARM } else { DATA };
            Rectangle::new(
                [(bin.from, 0.0), (bin.to - 0.012, height(bin.n))],
                colour.filled(),
            )
        }))?;
        root.present()?;
    }
    Ok(svg)
}

/// The count at a height: heights are logarithms, of one more so that nothing lies at 0.
fn power_of_ten(height: &f64) -> String {
    let count = if *height < 0.5 {
        0.0
    } else {
        10f64.powf(*height).round()
    };
    crate::findings::grouped(count as u64)
}
