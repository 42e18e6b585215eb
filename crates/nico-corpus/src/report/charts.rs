//! Curves as SVG.

use std::ops::Range;

use maud::{Markup, PreEscaped};
use plotters::prelude::{
    ChartBuilder, Color, DrawingAreaErrorKind, IntoDrawingArea, IntoFont, IntoLogRange, LineSeries,
    PathElement, RGBColor, SVGBackend, SeriesLabelPosition,
};

use crate::error::Error;

/// Size of a chart, pixels.
const SIZE: (u32, u32) = (530, 270);
const INK: RGBColor = RGBColor(0x40, 0x40, 0x48);
const GRID: RGBColor = RGBColor(0xe2, 0xe2, 0xe8);
/// Colours of lines, in their order.
const COLORS: [RGBColor; 4] = [
    RGBColor(0x1f, 0x5f, 0xc4),
    RGBColor(0x8a, 0x93, 0xa6),
    RGBColor(0xc9, 0x3c, 0x37),
    RGBColor(0xd9, 0x8e, 0x04),
];

/// A named line.
#[derive(Debug)]
pub(super) struct Line<'a> {
    pub(super) name: &'a str,
    pub(super) points: Vec<(f64, f64)>,
}

/// How values are spread over the height.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Scale {
    FromZero,
    Logarithmic,
}

/// Draws lines over a common axis. Points that are no numbers, or not above 0 on a logarithmic
/// scale, are left out; without any there is no chart.
pub(super) fn chart(
    x: &str,
    y: &str,
    scale: Scale,
    lines: &[Line<'_>],
) -> Result<Option<Markup>, Error> {
    let lines: Vec<Line<'_>> = lines.iter().map(|line| drawable(line, scale)).collect();
    let all = || lines.iter().flat_map(|line| &line.points);
    let Some(across) = range(all().map(|point| point.0)) else {
        return Ok(None);
    };
    let Some(up) = range(all().map(|point| point.1)) else {
        return Ok(None);
    };
    let across = across.start..across.end.max(across.start + 1.0);
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        let mut builder = ChartBuilder::on(&area);
        builder
            .margin(8)
            .margin_right(16)
            .x_label_area_size(40)
            .y_label_area_size(60);
        // The two scales are of different types.
        macro_rules! draw {
            ($range:expr) => {{
                let mut chart = builder.build_cartesian_2d(across, $range).map_err(failed)?;
                chart
                    .configure_mesh()
                    .disable_x_mesh()
                    .bold_line_style(GRID)
                    .light_line_style(GRID.mix(0.0))
                    .axis_style(INK)
                    .label_style(("sans-serif", 14).into_font().color(&INK))
                    .x_labels(8)
                    .y_labels(5)
                    .x_label_formatter(&|value| number(*value))
                    .y_label_formatter(&|value| number(*value))
                    .x_desc(x)
                    .y_desc(y)
                    .draw()
                    .map_err(failed)?;
                for (line, color) in lines.iter().zip(COLORS.iter().cycle()) {
                    let style = color.stroke_width(2);
                    chart
                        .draw_series(
                            LineSeries::new(line.points.iter().copied(), style.filled())
                                .point_size(dot(line)),
                        )
                        .map_err(failed)?
                        .label(line.name)
                        .legend(move |(x, y)| PathElement::new(vec![(x, y), (x + 16, y)], style));
                }
                if lines.len() > 1 {
                    chart
                        .configure_series_labels()
                        .position(SeriesLabelPosition::MiddleRight)
                        .background_style(RGBColor(255, 255, 255).mix(0.85))
                        .label_font(("sans-serif", 14).into_font().color(&INK))
                        .draw()
                        .map_err(failed)?;
                }
            }};
        }
        match scale {
            Scale::FromZero => draw!(0.0..up.end.max(1e-9) * 1.05),
            Scale::Logarithmic => draw!((up.start / 1.2..up.end * 2.0).log_scale()),
        }
        area.present().map_err(failed)?;
    }
    Ok(Some(PreEscaped(svg)))
}

fn drawable<'a>(line: &Line<'a>, scale: Scale) -> Line<'a> {
    let points = line.points.iter().copied().filter(|&(x, y)| {
        x.is_finite() && y.is_finite() && (y > 0.0 || scale == Scale::FromZero && y == 0.0)
    });
    Line {
        name: line.name,
        points: points.collect(),
    }
}

/// Radius of a line's points: a single one, which makes no line, is a dot.
fn dot(line: &Line<'_>) -> u32 {
    if line.points.len() == 1 { 3 } else { 0 }
}

/// Smallest and largest value.
fn range(values: impl Iterator<Item = f64>) -> Option<Range<f64>> {
    values.fold(None, |range, value| {
        let Range { start, end } = range.unwrap_or(value..value);
        Some(start.min(value)..end.max(value))
    })
}

/// A label without needless digits.
fn number(value: f64) -> String {
    let text = if value.abs() >= 100.0 {
        format!("{value:.0}")
    } else {
        format!("{value:.2}")
    };
    match text.split_once('.') {
        Some((whole, part)) if part.bytes().all(|digit| digit == b'0') => whole.to_owned(),
        Some(_) => text.trim_end_matches('0').to_owned(),
        None => text,
    }
}

fn failed<E: std::error::Error + Send + Sync>(error: DrawingAreaErrorKind<E>) -> Error {
    Error::Chart {
        reason: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(points: &[(f64, f64)]) -> Line<'static> {
        Line {
            name: "<dev>",
            points: points.to_vec(),
        }
    }

    #[test]
    fn numbers_are_drawn_and_others_left_out() {
        for scale in [Scale::FromZero, Scale::Logarithmic] {
            let lines = [
                line(&[(1.0, 100.0), (2.0, f64::NAN), (3.0, 10.0), (4.0, 0.0)]),
                line(&[]),
            ];
            let svg = chart("epoch", "perplexity", scale, &lines)
                .unwrap()
                .unwrap()
                .0;
            assert!(
                svg.starts_with("<svg") && svg.contains("<polyline"),
                "{svg}"
            );
            assert!(
                svg.contains("&lt;dev&gt;") && !svg.contains("<dev>") && !svg.contains("NaN"),
                "{svg}"
            );
        }
        let nothing = chart("x", "y", Scale::FromZero, &[line(&[(f64::INFINITY, 1.0)])]);
        assert!(nothing.unwrap().is_none());
        let one = chart("x", "y", Scale::FromZero, &[line(&[(1.0, 0.0)])]);
        assert!(
            one.unwrap().unwrap().0.contains("<circle"),
            "one point is seen"
        );
    }

    #[test]
    fn labels_have_no_needless_digits() {
        assert_eq!(
            [3.0, 2.5, 0.25, 1234.5].map(number),
            ["3", "2.5", "0.25", "1234"]
        );
    }
}
