//! A service in the making, and what is to be told of the way from its definition.

use std::fmt;
use std::path::{Path, PathBuf};

use super::tree::{Fields, Node};
use crate::base::clock::Timestamp;
use crate::base::secret::Secret;
use crate::services::ServiceSettings;

/// How much a remark weighs, the heaviest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Weight {
    /// The file is no definition.
    Unreadable,
    /// A definition for another protocol, or of a class nobody knows.
    Skipped,
    /// A restriction that cannot be carried: the service is imported closed.
    Closed,
    /// A field that cannot be carried.
    LeftOut,
    /// Carried, and worth a second look.
    Look,
}

impl Weight {
    pub const ALL: [Weight; 5] = [
        Weight::Unreadable,
        Weight::Skipped,
        Weight::Closed,
        Weight::LeftOut,
        Weight::Look,
    ];

    /// Whether something of the definition is not there any more.
    pub fn loses(self) -> bool {
        self != Weight::Look
    }

    pub fn heading(self) -> &'static str {
        match self {
            Weight::Unreadable => "files that cannot be read",
            Weight::Skipped => "definitions that are not for CAS",
            Weight::Closed => "restrictions that cannot be carried: imported closed",
            Weight::LeftOut => "fields that cannot be carried",
            Weight::Look => "worth a second look",
        }
    }
}

/// What is told of one place of a definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    pub weight: Weight,
    pub file: PathBuf,
    /// From 1.
    pub line: usize,
    pub field: String,
    pub message: String,
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: ", self.file.display(), self.line)?;
        if !self.field.is_empty() {
            write!(f, "{}: ", self.field)?;
        }
        f.write_str(&self.message)
    }
}

/// What is known besides the definition.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// Of local times that name no zone: that of the server they come from.
    pub zone: jiff::tz::TimeZone,
    pub now: jiff::Timestamp,
}

impl Surroundings {
    pub fn new(zone: jiff::tz::TimeZone, now: Timestamp) -> Surroundings {
        let now = i64::try_from(now.0).unwrap_or(i64::MAX);
        let now = jiff::Timestamp::from_millisecond(now).unwrap_or(jiff::Timestamp::MAX);
        Surroundings { zone, now }
    }
}

pub struct Draft<'a> {
    file: &'a Path,
    pub surroundings: &'a Surroundings,
    pub settings: ServiceSettings,
    pub salt: Option<Secret>,
    /// What our settings have no place for and people want to keep.
    pub notes: Vec<String>,
    pub remarks: Vec<Remark>,
}

impl<'a> Draft<'a> {
    pub fn new(file: &'a Path, surroundings: &'a Surroundings) -> Draft<'a> {
        Draft {
            file,
            surroundings,
            settings: ServiceSettings::default(),
            salt: None,
            notes: Vec::new(),
            remarks: Vec::new(),
        }
    }

    pub fn remark(&mut self, weight: Weight, line: usize, field: &str, message: impl Into<String>) {
        self.remarks.push(Remark {
            weight,
            file: self.file.to_owned(),
            line,
            field: field.to_owned(),
            message: message.into(),
        });
    }

    /// A restriction is lost, so nobody gets in.
    pub fn close(&mut self, line: usize, field: &str, why: impl Into<String>) {
        self.settings.enabled = false;
        self.remark(Weight::Closed, line, field, why);
    }

    pub fn leave_out(&mut self, line: usize, field: &str, why: impl Into<String>) {
        self.remark(Weight::LeftOut, line, field, why);
    }

    pub fn look(&mut self, line: usize, field: &str, why: impl Into<String>) {
        self.remark(Weight::Look, line, field, why);
    }

    /// What of a map nobody asked for.
    pub fn unknown(&mut self, fields: &Fields<'_>, within: &str) {
        for entry in fields.rest() {
            let field = match within {
                "" => entry.key.clone(),
                _ => format!("{within}.{}", entry.key),
            };
            self.leave_out(entry.line, &field, "this field is not known here");
        }
    }
}

/// The class without its package, as it is told.
pub fn class_of(node: &Node) -> &str {
    node.class_name().unwrap_or("no class")
}
