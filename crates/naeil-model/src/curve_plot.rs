//! The curves of a training as a picture.

#[cfg(test)]
mod tests;

use plotters::prelude::*;

use naeil_domain::Horizon;

use crate::summary::{EpochReport, TrainingSummary};

const SIZE: (u32, u32) = (900, 380);
const TRAINING: RGBColor = RGBColor(90, 90, 90);
const VALIDATION: RGBColor = RGBColor(0, 90, 181);
const HORIZON_COLOURS: [RGBColor; Horizon::COUNT] = [
    RGBColor(0, 90, 181),
    RGBColor(220, 95, 0),
    RGBColor(0, 135, 90),
];

/// Draws the curves of a training, one line a member, as the text of an SVG picture: on the left the
/// losses over the epochs, on the right the rank correlation on the validation sessions.
///
/// # Errors
/// Says what the drawing library could not draw.
pub fn training_curves(summary: &TrainingSummary) -> Result<String, String> {
    let mut svg = String::new();
    draw(summary, &mut svg).map_err(|error| format!("cannot draw the training: {error}"))?;
    Ok(svg)
}

type Drawn = Result<(), Box<dyn std::error::Error>>;

/// A line: its points, its colour, and its name in the legend if it is the first of its kind.
struct Line {
    points: Vec<(f64, f64)>,
    colour: RGBColor,
    name: Option<String>,
}

fn draw(summary: &TrainingSummary, svg: &mut String) -> Drawn {
    let root = SVGBackend::with_string(svg, SIZE).into_drawing_area();
    root.fill(&WHITE)?;
    let (left, right) = root.split_horizontally(SIZE.0 / 2);
    // Losses fall and rank correlations rise: the legends stand where no line is.
    let (falling, rising) = (
        SeriesLabelPosition::LowerLeft,
        SeriesLabelPosition::LowerRight,
    );
    panel(&left, "Loss", losses(summary), falling)?;
    let title = "Rank IC on the validation sessions";
    panel(&right, title, rank_ics(summary), rising)?;
    root.present()?;
    Ok(())
}

fn panel(
    area: &DrawingArea<SVGBackend<'_>, plotters::coord::Shift>,
    title: &str,
    lines: Vec<Line>,
    legend: SeriesLabelPosition,
) -> Drawn {
    let lines: Vec<Line> = (lines.into_iter())
        .filter(|line| !line.points.is_empty())
        .collect();
    if lines.is_empty() {
        let place = (20, 30);
        area.draw(&Text::new(
            format!("{title}: none"),
            place,
            ("sans-serif", 16),
        ))?;
        return Ok(());
    }
    let points = || lines.iter().flat_map(|line| &line.points);
    let last = points().map(|point| point.0).fold(1.0, f64::max);
    let (low, high) = margins(points().map(|point| point.1));
    let mut chart = ChartBuilder::on(area)
        .caption(title, ("sans-serif", 17))
        .margin(12)
        .x_label_area_size(38)
        .y_label_area_size(58)
        .build_cartesian_2d(0.8..last + 0.2, low..high)?;
    chart
        .configure_mesh()
        .x_desc("epoch")
        .x_labels((last as usize).clamp(1, 12) + 1)
        .x_label_formatter(&|x| match x.fract() == 0.0 {
            true => format!("{x:.0}"),
            false => String::new(),
        })
        .y_label_formatter(&|y| format!("{y:.3}"))
        .light_line_style(WHITE)
        .label_style(("sans-serif", 13))
        .draw()?;
    for Line {
        points,
        colour,
        name,
    } in lines
    {
        chart.draw_series(points.iter().map(|&at| Circle::new(at, 2, colour.filled())))?;
        let series = chart.draw_series(LineSeries::new(points, colour.stroke_width(2)))?;
        if let Some(name) = name {
            series.label(name).legend(move |(x, y)| {
                PathElement::new(vec![(x, y), (x + 18, y)], colour.stroke_width(2))
            });
        }
    }
    chart
        .configure_series_labels()
        .position(legend)
        .background_style(WHITE.mix(0.8))
        .label_font(("sans-serif", 13))
        .draw()?;
    Ok(())
}

fn losses(summary: &TrainingSummary) -> Vec<Line> {
    let train = |report: &EpochReport| Some(report.train_loss);
    let validation = |report: &EpochReport| Some(report.validation?.loss);
    let mut lines = lines(summary, "training (with dropout)", TRAINING, &train);
    lines.extend(self::lines(summary, "validation", VALIDATION, &validation));
    lines
}

fn rank_ics(summary: &TrainingSummary) -> Vec<Line> {
    let mut all = Vec::new();
    for (horizon, colour) in Horizon::ALL.into_iter().zip(HORIZON_COLOURS) {
        let rank_ic = |report: &EpochReport| Some(report.validation?.rank_ic[horizon.index()]);
        all.extend(lines(summary, &horizon.to_string(), colour, &rank_ic));
    }
    all
}

/// A line for every member.
fn lines(
    summary: &TrainingSummary,
    name: &str,
    colour: RGBColor,
    value: &dyn Fn(&EpochReport) -> Option<f64>,
) -> Vec<Line> {
    let members = summary.members.iter().enumerate();
    members
        .map(|(idx, member)| Line {
            points: (member.curve.iter())
                .filter_map(|report| Some((report.epoch as f64, value(report)?)))
                .collect(),
            colour,
            name: (idx == 0).then(|| name.to_owned()),
        })
        .collect()
}

/// The range of values with some air around it.
fn margins(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        (low.min(value), high.max(value))
    });
    let air = ((high - low) * 0.08).max(1e-3);
    (low - air, high + air)
}
