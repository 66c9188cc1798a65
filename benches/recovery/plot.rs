//! The morning as a picture: what waits in each queue and what was delivered, over time; the directory's
//! hangs are grey.

use std::fmt::Write as _;

use super::morning::{Look, Seen};

const LEFT: f64 = 70.0;
const TOP: f64 = 50.0;
const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 300.0;

type Line = (&'static str, &'static str, fn(&Look) -> usize);

const LINES: [Line; 3] = [
    ("requests waiting", "#2a5db0", |look| look.requests),
    ("letters waiting", "#c77700", |look| look.letters),
    ("letters delivered", "#2e7d32", |look| look.delivered),
];

pub fn svg(seen: &Seen) -> String {
    let end = seen.looks.last().map_or(1.0, |look| look.at).max(1.0);
    let counts = seen
        .looks
        .iter()
        .flat_map(|look| LINES.map(|(_, _, of)| of(look)));
    let most = counts.max().unwrap_or(1).max(1) as f64;
    let x = |at: f64| LEFT + at / end * WIDTH;
    let y = |count: f64| TOP + HEIGHT - count / most * HEIGHT;
    let mut text = String::from(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"860\" height=\"400\" font-family=\"sans-serif\" \
         font-size=\"13\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n",
    );
    for (from, to) in &seen.hangs {
        let (from, to) = (x(*from), x(to.min(end)));
        let _ = writeln!(
            text,
            "<rect x=\"{from:.1}\" y=\"{TOP}\" width=\"{:.1}\" height=\"{HEIGHT}\" fill=\"#eceff1\"/>",
            (to - from).max(0.0)
        );
    }
    for (place, (name, colour, of)) in LINES.iter().enumerate() {
        let points = seen
            .looks
            .iter()
            .map(|look| format!("{:.1},{:.1}", x(look.at), y(of(look) as f64)));
        let points = points.collect::<Vec<_>>().join(" ");
        let _ = writeln!(
            text,
            "<polyline points=\"{points}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>\n\
             <text x=\"{}\" y=\"28\" fill=\"{colour}\">{name}</text>",
            LEFT + place as f64 * 180.0
        );
    }
    for quarter in 0..=4 {
        let share = f64::from(quarter) / 4.0;
        let _ = writeln!(
            text,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{:.0} s</text>\n\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{:.0}</text>",
            x(share * end),
            TOP + HEIGHT + 22.0,
            share * end,
            LEFT - 8.0,
            y(share * most) + 4.0,
            share * most
        );
    }
    text.push_str("</svg>\n");
    text
}
