//! What lies in a store, by the numbers of its forms: two versions can share one as long as each reads what
//! the other writes (F-32).

use serde::{Deserialize, Serialize};

/// One kind of value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Format {
    pub name: String,
    /// Forms that this version writes.
    pub writes: Vec<u32>,
    /// Forms that it reads; others are absent to it, and left alone.
    pub reads: Vec<u32>,
}

impl Format {
    pub fn new(name: &str, writes: &[u8], reads: &[u8]) -> Format {
        let numbers = |forms: &[u8]| forms.iter().copied().map(u32::from).collect();
        Format {
            name: name.to_owned(),
            writes: numbers(writes),
            reads: numbers(reads),
        }
    }

    /// One form that is written and read.
    pub fn only(name: &str, form: u8) -> Format {
        Format::new(name, &[form], &[form])
    }
}
