//! Regular expressions for whole URLs, of services that come from Apereo CAS.

use super::{Check, ServiceSettings};
use crate::services::url_pattern::UrlPattern;

impl Check {
    pub(super) fn patterns(&mut self, settings: &ServiceSettings) -> Vec<UrlPattern> {
        let field = "patterns";
        let mut patterns = Vec::new();
        for text in &settings.patterns {
            let Some(pattern) = self.url_pattern(field, text) else {
                continue;
            };
            if pattern.is_catch_all() && !settings.catch_all {
                let advice =
                    "name the hosts, or add catch_all = true if every application there may have tickets";
                self.problem(field, format!("“{text}” lets in hosts you do not know: {advice}"));
            }
            patterns.push(pattern);
        }
        patterns
    }

    /// Known hosts only, as for rules (CAS-163).
    pub(super) fn callback_patterns(&mut self, settings: &ServiceSettings) -> Vec<UrlPattern> {
        let field = "proxy_callback_patterns";
        let mut patterns = Vec::new();
        for text in &settings.proxy_callback_patterns {
            match self.url_pattern(field, text) {
                Some(pattern) if pattern.is_catch_all() => {
                    self.problem(
                        field,
                        format!("“{text}” lets in hosts you do not know: name the hosts"),
                    );
                }
                pattern => patterns.extend(pattern),
            }
        }
        patterns
    }

    fn url_pattern(&mut self, field: &'static str, text: &str) -> Option<UrlPattern> {
        let read = UrlPattern::parse(text).map_err(|flaw| format!("“{text}”: {flaw}"));
        self.some(field, read)
    }
}
