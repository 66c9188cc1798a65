//! A regular expression that a whole value must match. Matching takes time in proportion to the value
//! whatever the pattern is (CAS-317), and knows no letters but those of ASCII, as imported ones expect.

use std::fmt;

use regex::bytes::{Regex, RegexBuilder};
use regex_syntax::ParserBuilder;

/// Bytes of memory that a compiled pattern may take.
const LARGEST: usize = 1 << 20;

/// A compiled pattern. Two are equal when they are written alike.
#[derive(Debug, Clone)]
pub struct Pattern {
    written: String,
    /// Shared by clones.
    whole: Regex,
}

impl Pattern {
    /// An error says what is wrong with the text.
    pub fn new(written: &str) -> Result<Pattern, String> {
        // Alone first, so that no bracket of its own can end the one around it. Only read: to compile is
        // what takes time, and once is enough.
        let mut alone = ParserBuilder::new().unicode(false).utf8(false).build();
        alone.parse(written).map_err(|error| why(&error.to_string()))?;
        Ok(Pattern {
            written: written.to_owned(),
            whole: compile(&format!(r"\A(?:{written})\z"))?,
        })
    }

    pub fn matches(&self, value: &str) -> bool {
        self.whole.is_match(value.as_bytes())
    }

    pub fn as_str(&self) -> &str {
        &self.written
    }
}

fn compile(text: &str) -> Result<Regex, String> {
    let mut builder = RegexBuilder::new(text);
    let built = builder.unicode(false).size_limit(LARGEST).build();
    built.map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => "the pattern takes too much memory; count less in it".to_owned(),
        other => why(&other.to_string()),
    })
}

/// The last line of several, which point at the place, says why.
pub(super) fn why(error: &str) -> String {
    let last = error.lines().last().unwrap_or_default();
    last.trim_start_matches("error: ").to_owned()
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Pattern) -> bool {
        self.written == other.written
    }
}

impl Eq for Pattern {}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, value: &str) -> bool {
        Pattern::new(pattern)
            .unwrap_or_else(|error| panic!("{pattern}: {error}"))
            .matches(value)
    }

    #[test]
    fn a_pattern_matches_whole_values_only() {
        assert!(matches("staff|faculty", "faculty"));
        for value in ["", "Staff", "staffx", "xfaculty", "staff\n", "staff|faculty"] {
            assert!(!matches("staff|faculty", value), "{value:?}");
        }
        assert!(matches("(?i)staff", "STAFF"));
        assert!(matches(".*é.*", "Université"));
        assert!(matches(r"\{UAI\}\d{7}[A-Z]", "{UAI}0751717J"));
    }

    #[test]
    fn what_is_no_pattern_says_why_and_nothing_is_looked_at_twice() {
        for (pattern, why) in [
            ("a)|(?:b", "unopened group"),
            ("(", "unclosed group"),
            ("(?!admin).*", "look-around"),
            (r"(a)\1", "backreferences"),
            ("(?x)a #", "unclosed"),
            ("(a{1000}){1000}", "too much memory"),
        ] {
            let error = Pattern::new(pattern).err().unwrap_or_default();
            assert!(error.contains(why), "{pattern}: {error}");
        }
    }

    #[test]
    fn a_pattern_made_to_blow_up_takes_no_time() {
        // CAS-317
        let long = format!("{}!", "a".repeat(100_000));
        assert!(!matches("(a+)+", &long));
        assert!(!matches("(a|a)*b", &long));
    }
}
