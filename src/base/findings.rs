//! What a look at a running part found: fine, worth a word, or broken, each in one line with its evidence,
//! what to do, and a code that never changes its meaning. For whoever asked; not the log.

use std::fmt;

use serde::Serialize;

/// More than this of a text is left out: a server may have written it.
const LONGEST: usize = 700;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Level {
    Ok,
    Warn,
    Fail,
}

/// A kind of finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    /// For scripts: it never gets another meaning.
    pub name: &'static str,
    pub level: Level,
    /// In a sentence without its full stop, for the documentation.
    pub means: &'static str,
}

/// Declares codes, and `ALL` of them.
macro_rules! codes {
    ($($level:ident $name:ident: $means:literal;)*) => {
        $(pub const $name: $crate::base::findings::Code = $crate::base::findings::Code {
            name: stringify!($name),
            level: $crate::base::findings::Level::$level,
            means: $means,
        };)*

        pub const ALL: &[$crate::base::findings::Code] = &[$($name),*];
    };
}
pub(crate) use codes;

/// One line of `doctor`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub level: Level,
    /// The name of a [`Code`]; empty when there is none.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub code: &'static str,
    /// What was looked at: a server, a realm, an account.
    pub about: String,
    /// What was found, with its evidence.
    pub fact: String,
    /// What to do; empty when nothing is to be done.
    pub advice: String,
}

impl Finding {
    /// A finding of a kind, at the level of its kind.
    pub fn of(code: &Code, about: &str, fact: impl Into<String>, advice: impl Into<String>) -> Finding {
        Finding {
            code: code.name,
            ..Finding::new(code.level, about, fact, advice)
        }
    }

    pub fn ok(about: &str, fact: impl Into<String>) -> Finding {
        Finding::new(Level::Ok, about, fact, "")
    }

    pub fn warn(about: &str, fact: impl Into<String>, advice: impl Into<String>) -> Finding {
        Finding::new(Level::Warn, about, fact, advice)
    }

    pub fn fail(about: &str, fact: impl Into<String>, advice: impl Into<String>) -> Finding {
        Finding::new(Level::Fail, about, fact, advice)
    }

    /// The same about something else.
    pub fn about(self, about: &str) -> Finding {
        Finding {
            about: one_line(about),
            ..self
        }
    }

    fn new(level: Level, about: &str, fact: impl Into<String>, advice: impl Into<String>) -> Finding {
        Finding {
            level,
            code: "",
            about: one_line(about),
            fact: one_line(&fact.into()),
            advice: one_line(&advice.into()),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = match self.level {
            Level::Ok => "OK  ",
            Level::Warn => "WARN",
            Level::Fail => "FAIL",
        };
        write!(f, "{level}  {}: {}", one_line(&self.about), one_line(&self.fact))?;
        if !self.advice.is_empty() {
            write!(f, " → {}", one_line(&self.advice))?;
        }
        match self.code {
            code if code.is_empty() || self.level == Level::Ok => Ok(()),
            code => write!(f, " [{code}]"),
        }
    }
}

/// Findings that say the same of several things, and of which `may` says so, become one about all of them,
/// where the first stood.
pub fn merged(findings: Vec<Finding>, may: impl Fn(&Finding) -> bool) -> Vec<Finding> {
    let mut merged: Vec<Finding> = Vec::new();
    for finding in findings {
        let same = merged.iter_mut().find(|one| {
            may(one)
                && may(&finding)
                && one.level == finding.level
                && one.code == finding.code
                && one.fact == finding.fact
                && one.advice == finding.advice
        });
        match same {
            Some(one) if one.about.split(", ").any(|about| about == finding.about) => {}
            Some(one) => one.about = format!("{}, {}", one.about, finding.about),
            None => merged.push(finding),
        }
    }
    merged
}

/// A text that cannot break its line, steer a terminal or turn the order of its letters around, whoever
/// wrote it.
pub fn one_line(text: &str) -> String {
    let harmful = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    let mut line: String = text
        .chars()
        .take(LONGEST)
        .map(|c| if harmful(c) { '\u{fffd}' } else { c })
        .collect();
    if text.chars().nth(LONGEST).is_some() {
        line.push('…');
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODE: Code = Code {
        name: "A_CODE",
        level: Level::Fail,
        means: "",
    };

    #[test]
    fn a_finding_is_one_line_whatever_a_server_wrote_into_it() {
        // T-92
        let hostile = "no\r\n\x1b[2JOK    all is well\u{202e}\u{2028}\0";
        let finding = Finding::of(&CODE, hostile, hostile, hostile);
        let line = finding.to_string();
        assert!(
            line.chars()
                .all(|c| !c.is_control() && c != '\u{202e}' && c != '\u{2028}'),
            "{line:?}"
        );
        assert!(
            line.starts_with("FAIL  no") && line.ends_with("[A_CODE]"),
            "{line}"
        );
        let json = serde_json::to_string(&finding).unwrap();
        assert!(
            !json.contains("\\u001b") && json.contains("\"code\":\"A_CODE\""),
            "{json}"
        );
        let long = Finding::ok("a", "x".repeat(100_000)).to_string();
        assert!(long.chars().count() < 800);
    }

    #[test]
    fn what_is_the_same_of_several_servers_is_told_once() {
        let told = |about: &str| Finding::of(&CODE, about, "fact", "mend");
        let other = Finding::ok("a", "fact");
        let all = vec![told("a"), other.clone(), told("b"), told("a")];
        assert_eq!(merged(all.clone(), |_| true), [told("a").about("a, b"), other]);
        assert_eq!(merged(all.clone(), |_| false), all);
    }
}
