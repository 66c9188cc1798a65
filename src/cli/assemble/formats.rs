//! What this version stores and reads: everything that another version beside it, or after it, must agree
//! with.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::config;
use crate::tickets::embedded::FORM;
use crate::tickets::formats::Format;
use crate::tickets::redis::{formats, scripts};

/// What `upgrade-check` compares. Fields may be added; none changes its meaning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Formats {
    pub version: String,
    /// The schema of the configuration that this version writes, and those it reads.
    pub schema: u32,
    pub reads_schemas: Vec<u32>,
    pub stored: Vec<Format>,
    /// Redis scripts by their names: their SHA-1.
    pub scripts: BTreeMap<String, String>,
}

/// Of this version.
pub fn own() -> Formats {
    let mut stored = formats();
    stored.push(Format::only("embedded: everything", FORM));
    let scripts = scripts().into_iter();
    Formats {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        schema: config::SCHEMA,
        reads_schemas: config::read_schemas().collect(),
        stored,
        scripts: scripts.map(|(name, hash)| (name.to_owned(), hash)).collect(),
    }
}

/// For people.
pub fn text() -> String {
    let own = own();
    let mut text = format!(
        "configuration: schema {}, reads {:?}\n",
        own.schema, own.reads_schemas
    );
    for format in own.stored {
        let _ = writeln!(
            text,
            "{}: writes {:?}, reads {:?}",
            format.name, format.writes, format.reads
        );
    }
    for (name, hash) in own.scripts {
        let _ = writeln!(text, "script {name} {hash}");
    }
    text
}
