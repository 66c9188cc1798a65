//! The page about all metrics, for who watches a server: what each is, of what, in which unit.

use super::family::{ALL, Family};

const TOP: &str = "\
# Metrics

`mereau metrics` prints this page. The admin address (`[admin] listen`) tells them under `/metrics`
in the text format of Prometheus; `conf/monitoring` has alerts and a dashboard that use them.

- `tenant` is a realm. Of any first label at most 200 values are kept; what comes later counts as `other`.
- Counters begin at zero with the process. Gauges “of all nodes” stand in the shared store: take the
  maximum over nodes, not the sum.
- What has no meaning in a set-up is absent, not zero: the text says so.

| metric | kind | labels | unit | meaning |
|---|---|---|---|---|
";

const END: &str = "
Histograms have `_bucket`, `_sum` and `_count`. Binds end at 5 s, sign-ins at 10 s, the store's operations
at 1 s; what is longer is in `+Inf`.
";

/// The page in Markdown.
pub fn sheet() -> String {
    let rows: String = ALL.iter().map(|family| row(family)).collect();
    format!("{TOP}{rows}{END}")
}

fn row(family: &Family) -> String {
    let labels: Vec<String> = family.labels.iter().map(|label| format!("`{label}`")).collect();
    let help = family.help.replace('|', "\\|");
    let kind = family.kind.word();
    format!(
        "| `{}` | {kind} | {} | {} | {help} |\n",
        family.name,
        labels.join(", "),
        family.unit
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_in_the_documents_is_what_the_program_tells() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/metrics.md");
        if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
            std::fs::write(path, sheet()).unwrap();
        }
        let kept = std::fs::read_to_string(path).unwrap();
        assert!(kept == sheet(), "write docs/metrics.md anew: INSTA_UPDATE=always");
    }
}
