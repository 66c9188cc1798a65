//! The text format of Prometheus, version 0.0.4. A page of a few dozen lines needs no crate: three
//! kinds of lines, and one rule for what stands between quotes.

use std::fmt::Write;

use super::family::Family;

/// What a page of metrics is sent as.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// A page of metrics, written from top to bottom: the head of a family, then its samples.
#[derive(Default)]
pub struct Exposition {
    text: String,
    /// The family whose head was written last.
    of: Option<&'static Family>,
}

impl Exposition {
    /// The head of a family of samples.
    pub(super) fn family(&mut self, family: &'static Family) {
        let Family { name, kind, help, .. } = family;
        let help = help.replace('\\', "\\\\").replace('\n', "\\n");
        let _ = writeln!(self.text, "# HELP {name} {help}\n# TYPE {name} {}", kind.word());
        self.of = Some(family);
    }

    /// One sample of the family above, a whole number.
    pub(super) fn number(&mut self, labels: &[&str], value: u64) {
        self.sample("", labels, None, &value.to_string());
    }

    /// What of a histogram is no longer than a step, or at all.
    pub(super) fn step(&mut self, labels: &[&str], microseconds: Option<u64>, count: u64) {
        let end = match microseconds {
            Some(end) => format!("{}", std::time::Duration::from_micros(end).as_secs_f64()),
            None => "+Inf".to_owned(),
        };
        self.sample("_bucket", labels, Some(&end), &count.to_string());
    }

    pub(super) fn sum(&mut self, labels: &[&str], seconds: f64, count: u64) {
        self.sample("_sum", labels, None, &seconds.to_string());
        self.sample("_count", labels, None, &count.to_string());
    }

    /// A family with all its samples, each the values of its labels and a number. Without any, it stands
    /// on no page.
    pub fn samples<L: AsRef<[S]>, S: AsRef<str>>(
        &mut self,
        family: &'static Family,
        samples: impl IntoIterator<Item = (L, f64)>,
    ) {
        let mut samples = samples.into_iter().peekable();
        if samples.peek().is_none() {
            return;
        }
        self.family(family);
        for (labels, value) in samples {
            let labels: Vec<&str> = labels.as_ref().iter().map(AsRef::as_ref).collect();
            self.sample("", &labels, None, &value.to_string());
        }
    }

    /// A family with one sample.
    pub fn gauge(&mut self, family: &'static Family, labels: &[&str], value: f64) {
        self.samples(family, [(labels, value)]);
    }

    pub fn text(self) -> String {
        self.text
    }

    fn sample(&mut self, ending: &str, values: &[&str], step: Option<&str>, value: &str) {
        let Some(family) = self.of else { return };
        let step = step.map(|step| ("le", step));
        let labels = family
            .labels
            .iter()
            .copied()
            .zip(values.iter().copied())
            .chain(step);
        self.text.push_str(family.name);
        self.text.push_str(ending);
        let mut sign = '{';
        for (label, value) in labels {
            let _ = write!(self.text, "{sign}{label}=\"{}\"", escaped(value));
            sign = ',';
        }
        if sign == ',' {
            self.text.push('}');
        }
        let _ = writeln!(self.text, " {value}");
    }
}

fn escaped(value: &str) -> String {
    value
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::super::family::{Kind, SLO_LAG};
    use super::*;

    static ODD: Family = Family {
        name: "a_total",
        kind: Kind::Counter,
        labels: &["x", "y"],
        unit: "things",
        help: "One\nline \\ here.",
    };

    #[test]
    fn a_page_is_what_prometheus_reads() {
        let mut page = Exposition::default();
        page.family(&ODD);
        page.number(&["q\"\\\n", "é"], 3);
        page.gauge(&SLO_LAG, &[], 0.5);
        page.samples(&ODD, [(["", ""], 0.0); 0]);
        assert_eq!(
            page.text(),
            format!(
                "# HELP a_total One\\nline \\\\ here.\n# TYPE a_total counter\n\
                 a_total{{x=\"q\\\"\\\\\\n\",y=\"é\"}} 3\n# HELP slo_lag {}\n# TYPE slo_lag gauge\nslo_lag 0.5\n",
                SLO_LAG.help
            )
        );
    }
}
