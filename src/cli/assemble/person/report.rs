//! The fifteen lines about a person, and what they come to: whether they can sign in, or the one thing that
//! stops them.

use std::fmt;

use serde::Serialize;

use crate::audit::reasons;
use crate::cli::findings::{Finding, Level};

/// What a line is about, in the order in which a sign-in meets it (experience §5.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Topic {
    Tenant = 1,
    Directory,
    ServiceAccount,
    Entries,
    State,
    Password,
    Lock,
    Age,
    Throttle,
    Attempts,
    Replicas,
    Recovery,
    Links,
    Service,
    Sessions,
}

impl Topic {
    /// Stable, for programs.
    pub fn word(self) -> &'static str {
        match self {
            Topic::Tenant => "tenant",
            Topic::Directory => "directory",
            Topic::ServiceAccount => "service-account",
            Topic::Entries => "entries",
            Topic::State => "state",
            Topic::Password => "password",
            Topic::Lock => "lock",
            Topic::Age => "age",
            Topic::Throttle => "throttle",
            Topic::Attempts => "attempts",
            Topic::Replicas => "replicas",
            Topic::Recovery => "recovery",
            Topic::Links => "links",
            Topic::Service => "service",
            Topic::Sessions => "sessions",
        }
    }

    /// Whether what fails here keeps somebody from signing in.
    fn stops(self) -> bool {
        !matches!(
            self,
            Topic::Attempts | Topic::Replicas | Topic::Recovery | Topic::Links | Topic::Sessions
        )
    }

    pub fn ok(self, about: &str, fact: impl Into<String>) -> Line {
        self.line(None, Finding::ok(about, fact))
    }

    pub fn warn(self, about: &str, fact: impl Into<String>, advice: impl Into<String>) -> Line {
        self.line(None, Finding::warn(about, fact, advice))
    }

    pub fn fail(self, reason: &str, about: &str, fact: impl Into<String>, advice: impl Into<String>) -> Line {
        self.line(Some(reason), Finding::fail(about, fact, advice))
    }

    /// A finding that somebody else made.
    pub fn line(self, reason: Option<&str>, finding: Finding) -> Line {
        Line {
            line: self as u8,
            topic: self,
            name: self.word(),
            reason: reason.map(str::to_owned),
            finding,
        }
    }
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    pub line: u8,
    #[serde(skip)]
    pub topic: Topic,
    #[serde(rename = "topic")]
    name: &'static str,
    /// A code of [`reasons`], with what follows its colon.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    #[serde(flatten)]
    pub finding: Finding,
}

impl Line {
    pub fn because(mut self, reason: &str) -> Line {
        self.reason = Some(reason.to_owned());
        self
    }

    fn stops(&self) -> bool {
        self.finding.level == Level::Fail && self.topic.stops()
    }
}

/// Everything about a person in one realm.
#[derive(Debug, Clone, Serialize)]
pub struct Told {
    pub realm: String,
    /// The canonical login, when there is exactly one entry.
    pub login: Option<String>,
    pub lines: Vec<Line>,
    pub verdict: Verdict,
}

/// What the lines come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict {
    pub can_sign_in: bool,
    /// What stops them, first things first.
    pub reason: Option<String>,
    pub fact: String,
    pub advice: String,
}

impl Told {
    /// `whom`: the login of the one entry that is meant, and whether a password was tried on it.
    pub fn new(realm: &str, whom: Option<(String, bool)>, mut lines: Vec<Line>) -> Told {
        lines.sort_by_key(|line| line.topic);
        let verdict = Verdict::of(whom.as_ref(), &lines);
        Told {
            realm: realm.to_owned(),
            login: whom.map(|(login, _)| login),
            lines,
            verdict,
        }
    }
}

impl Verdict {
    fn of(whom: Option<&(String, bool)>, lines: &[Line]) -> Verdict {
        if let Some(line) = lines.iter().find(|line| line.stops()) {
            return Verdict {
                can_sign_in: false,
                reason: line.reason.clone(),
                fact: line.finding.fact.clone(),
                advice: line.finding.advice.clone(),
            };
        }
        let fact = match whom {
            Some((login, true)) => format!("can sign in as {login}, with that password"),
            Some((login, false)) => format!("can sign in as {login}, with the right password"),
            None => "nobody is meant".to_owned(),
        };
        Verdict {
            can_sign_in: whom.is_some(),
            reason: None,
            fact,
            advice: String::new(),
        }
    }
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.lines {
            writeln!(f, "{line}")?;
        }
        let verdict = &self.verdict;
        match (&verdict.reason, verdict.can_sign_in) {
            (_, true) => write!(f, "=> {}: {}", self.realm, verdict.fact),
            (reason, false) => {
                let reason = reason.as_deref().unwrap_or("FAIL");
                let means = reasons::reason(reason).map_or(verdict.fact.as_str(), |known| known.means);
                write!(f, "=> {}: cannot sign in, {reason}: {means}", self.realm)?;
                match verdict.advice.as_str() {
                    "" => Ok(()),
                    advice => write!(f, "\n   → {advice}"),
                }
            }
        }
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = match self.finding.level {
            Level::Ok => "OK  ",
            Level::Warn => "WARN",
            Level::Fail => "FAIL",
        };
        write!(
            f,
            "{:>2} {:<15} {level}  {}: ",
            self.line, self.name, self.finding.about
        )?;
        if let Some(reason) = &self.reason {
            write!(f, "{reason}: ")?;
        }
        write!(f, "{}", self.finding.fact)?;
        match self.finding.advice.as_str() {
            "" => Ok(()),
            advice => write!(f, "\n{:24}→ {advice}", ""),
        }
    }
}
