//! The text format of Prometheus, version 0.0.4. A page of a few dozen lines needs no crate: three
//! kinds of lines, and one rule for what stands between quotes.

use std::fmt::Write;

/// What a page of metrics is sent as.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// A page of metrics, written from top to bottom.
#[derive(Default)]
pub struct Exposition {
    text: String,
}

impl Exposition {
    /// The head of a family of samples.
    pub(super) fn family(&mut self, name: &str, help: &str, kind: &str) {
        let help = help.replace('\\', "\\\\").replace('\n', "\\n");
        let _ = writeln!(self.text, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    /// One sample of the family above.
    pub(super) fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: &str) {
        self.text.push_str(name);
        if !labels.is_empty() {
            let written = labels
                .iter()
                .map(|(label, value)| format!("{label}=\"{}\"", escaped(value)));
            let _ = write!(self.text, "{{{}}}", written.collect::<Vec<_>>().join(","));
        }
        let _ = writeln!(self.text, " {value}");
    }

    /// A number that goes up and down.
    pub fn gauge(&mut self, name: &str, help: &str, labels: &[(&str, &str)], value: &str) {
        self.family(name, help, "gauge");
        self.sample(name, labels, value);
    }

    pub fn text(self) -> String {
        self.text
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
    use super::*;

    #[test]
    fn a_page_is_what_prometheus_reads() {
        let mut page = Exposition::default();
        page.family("a_total", "One\nline \\ here.", "counter");
        page.sample("a_total", &[("x", "q\"\\\n"), ("y", "é")], "3");
        page.gauge("b", "B.", &[], "0.5");
        assert_eq!(
            page.text(),
            "# HELP a_total One\\nline \\\\ here.\n# TYPE a_total counter\n\
             a_total{x=\"q\\\"\\\\\\n\",y=\"é\"} 3\n# HELP b B.\n# TYPE b gauge\nb 0.5\n"
        );
    }
}
