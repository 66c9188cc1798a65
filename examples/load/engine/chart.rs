//! A chart of lines as SVG: axes that are even or logarithmic, and bands behind them.

use std::fmt::Write as _;

const LEFT: f64 = 80.0;
const TOP: f64 = 64.0;
const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 320.0;

/// How a value along an axis is written.
pub type Told = Box<dyn Fn(f64) -> String>;

pub struct Axis {
    unit: &'static str,
    logarithmic: bool,
    parts: u32,
    told: Told,
}

impl Axis {
    /// From 0.
    pub fn linear(unit: &'static str, told: Told) -> Axis {
        Axis {
            unit,
            logarithmic: false,
            parts: 4,
            told,
        }
    }

    /// In so many parts instead of four.
    pub fn in_parts(self, parts: u32) -> Axis {
        Axis { parts, ..self }
    }

    /// For values above 0.
    pub fn logarithmic(unit: &'static str, told: Told) -> Axis {
        Axis {
            unit,
            logarithmic: true,
            parts: 0,
            told,
        }
    }

    fn bounds(&self, values: impl Iterator<Item = f64> + Clone) -> (f64, f64) {
        let most = values.clone().fold(f64::MIN_POSITIVE, f64::max);
        match self.logarithmic {
            true => {
                let least = values.filter(|value| *value > 0.0).fold(most, f64::min);
                (
                    least.log10().floor(),
                    most.log10().ceil().max(least.log10().floor() + 1.0),
                )
            }
            false => (0.0, most),
        }
    }

    /// From 0 to 1 along the axis.
    fn place(&self, value: f64, (from, to): (f64, f64)) -> f64 {
        let value = if self.logarithmic { value.log10() } else { value };
        (value - from) / (to - from)
    }

    fn marks(&self, (from, to): (f64, f64)) -> Vec<f64> {
        match self.logarithmic {
            true => (from as i32..=to as i32)
                .map(|power| 10_f64.powi(power))
                .collect(),
            false => (0..=self.parts)
                .map(|part| from + (to - from) * f64::from(part) / f64::from(self.parts))
                .collect(),
        }
    }
}

pub struct Line {
    pub name: String,
    pub colour: &'static str,
    pub points: Vec<(f64, f64)>,
}

pub struct Chart {
    pub title: &'static str,
    pub x: Axis,
    pub y: Axis,
    pub lines: Vec<Line>,
    /// From and to, along x.
    pub bands: Vec<(f64, f64)>,
}

impl Chart {
    pub fn svg(&self) -> String {
        let points = self.lines.iter().flat_map(|line| line.points.iter());
        let across = self.x.bounds(points.clone().map(|(x, _)| *x));
        let up = self.y.bounds(points.map(|(_, y)| *y));
        let x = |value: f64| LEFT + self.x.place(value, across).clamp(0.0, 1.0) * WIDTH;
        let y = |value: f64| TOP + HEIGHT - self.y.place(value, up).clamp(0.0, 1.0) * HEIGHT;
        let mut text = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"1080\" height=\"430\" font-family=\"sans-serif\" \
             font-size=\"13\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n\
             <text x=\"{LEFT}\" y=\"28\" font-size=\"15\" font-weight=\"bold\">{}</text>\n",
            self.title
        );
        for (from, to) in &self.bands {
            let (from, to) = (x(*from), x(*to));
            let _ = writeln!(
                text,
                "<rect x=\"{from:.1}\" y=\"{TOP}\" width=\"{:.1}\" height=\"{HEIGHT}\" fill=\"#eceff1\"/>",
                (to - from).max(1.0)
            );
        }
        for mark in self.x.marks(across) {
            let (at, told) = (x(mark), (self.x.told)(mark));
            let _ = writeln!(
                text,
                "<text x=\"{at:.1}\" y=\"{}\" text-anchor=\"middle\">{told}</text>",
                TOP + HEIGHT + 22.0
            );
        }
        for mark in self.y.marks(up) {
            let (at, told) = (y(mark), (self.y.told)(mark));
            let _ = writeln!(
                text,
                "<line x1=\"{LEFT}\" x2=\"{}\" y1=\"{at:.1}\" y2=\"{at:.1}\" stroke=\"#dfe3e6\"/>\n\
                 <text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{told}</text>",
                LEFT + WIDTH,
                LEFT - 8.0,
                at + 4.0
            );
        }
        self.write_units(&mut text);
        for (place, line) in self.lines.iter().enumerate() {
            let points = line
                .points
                .iter()
                .map(|(at, value)| format!("{:.1},{:.1}", x(*at), y(*value)));
            let points = points.collect::<Vec<_>>().join(" ");
            let _ = writeln!(
                text,
                "<polyline points=\"{points}\" fill=\"none\" stroke=\"{0}\" stroke-width=\"2\"/>\n\
                 <text x=\"{1}\" y=\"{2}\" fill=\"{0}\">{3}</text>",
                line.colour,
                LEFT + WIDTH + 14.0,
                TOP + 14.0 + place as f64 * 20.0,
                line.name
            );
        }
        text.push_str("</svg>\n");
        text
    }

    fn write_units(&self, text: &mut String) {
        let _ = writeln!(
            text,
            "<text x=\"{}\" y=\"{}\" fill=\"#546e7a\">{}</text>\n\
             <text x=\"{LEFT}\" y=\"{}\" text-anchor=\"end\" fill=\"#546e7a\">{}</text>",
            LEFT + WIDTH + 40.0,
            TOP + HEIGHT + 22.0,
            self.x.unit,
            TOP - 14.0,
            self.y.unit
        );
    }
}
