//! The figures as bars: what was measured beside its ceiling, the target as a line.

use std::fmt::Write as _;

use super::report::{Figure, Target, number};

const ROW: usize = 46;
const TOP: usize = 44;
const LEFT: usize = 300;
const LENGTH: f64 = 380.0;

/// An SVG of the figures that have something to stand beside.
pub fn svg(figures: &[Figure]) -> String {
    let shown: Vec<&Figure> = figures
        .iter()
        .filter(|figure| figure.ceiling.is_some() || figure.target.is_some())
        .collect();
    let height = TOP + shown.len() * ROW + 12;
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"860\" height=\"{height}\" \
         font-family=\"sans-serif\" font-size=\"13\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n\
         <text x=\"12\" y=\"24\" font-size=\"15\" font-weight=\"bold\">Méreau: measured (blue), ceiling of the \
         same machine (grey), target (red)</text>\n"
    );
    for (place, figure) in shown.iter().enumerate() {
        row(&mut text, TOP + place * ROW, figure);
    }
    text.push_str("</svg>\n");
    text
}

/// One figure, with a scale of its own: its longest bar fills the space.
fn row(text: &mut String, top: usize, figure: &Figure) {
    let target = figure.target.map(|target| match target {
        Target::AtMost(most) => most,
        // A cost may be so many times its ceiling, a rate must be so much of it.
        Target::OfCeiling(least) => {
            let share = if figure.unit == "/s" {
                least / 100.0
            } else {
                100.0 / least
            };
            figure.ceiling.unwrap_or(0.0) * share
        }
    });
    let whole = [Some(figure.measured), figure.ceiling, target];
    let longest = whole.into_iter().flatten().fold(f64::MIN_POSITIVE, f64::max);
    let length = |value: f64| value / longest * LENGTH;
    let _ = writeln!(
        text,
        "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>",
        LEFT - 10,
        top + 20,
        figure.name
    );
    let mut bar = |top: usize, value: f64, colour: &str| {
        let _ = writeln!(
            text,
            "<rect x=\"{LEFT}\" y=\"{top}\" width=\"{:.1}\" height=\"14\" fill=\"{colour}\"/>\n\
             <text x=\"{:.1}\" y=\"{}\" font-size=\"12\">{} {}</text>",
            length(value),
            LEFT as f64 + length(value) + 6.0,
            top + 12,
            number(value),
            figure.unit
        );
    };
    bar(top, figure.measured, "#2a5db0");
    if let Some(ceiling) = figure.ceiling {
        bar(top + 17, ceiling, "#9aa3ad");
    }
    if let Some(target) = target {
        let x = LEFT as f64 + length(target);
        let _ = writeln!(
            text,
            "<line x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{}\" y2=\"{}\" stroke=\"#c0392b\" stroke-width=\"2\"/>",
            top - 3,
            top + 35
        );
    }
}
