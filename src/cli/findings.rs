//! What a look at a running part found: fine, worth a word, or broken, with evidence and what to do.

use std::fmt;

use serde::Serialize;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Level {
    Ok,
    Warn,
    Fail,
}

/// One line of `doctor`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub level: Level,
    /// What was looked at: a server, a realm, an account.
    pub about: String,
    /// What was found, with its evidence.
    pub fact: String,
    /// What to do; empty when nothing is to be done.
    pub advice: String,
}

impl Finding {
    pub fn ok(about: &str, fact: impl Into<String>) -> Finding {
        Finding::new(Level::Ok, about, fact, "")
    }

    pub fn warn(about: &str, fact: impl Into<String>, advice: impl Into<String>) -> Finding {
        Finding::new(Level::Warn, about, fact, advice)
    }

    pub fn fail(about: &str, fact: impl Into<String>, advice: impl Into<String>) -> Finding {
        Finding::new(Level::Fail, about, fact, advice)
    }

    fn new(level: Level, about: &str, fact: impl Into<String>, advice: impl Into<String>) -> Finding {
        Finding {
            level,
            about: about.to_owned(),
            fact: fact.into(),
            advice: advice.into(),
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
        write!(f, "{level}  {}: {}", self.about, self.fact)?;
        match self.advice.as_str() {
            "" => Ok(()),
            advice => write!(f, "\n      → {advice}"),
        }
    }
}
