//! Registrations of Apereo CAS (specification §4): its JSON, HJSON and YAML definitions read and
//! turned into our settings, with everything told that cannot be carried. A definition that loses a
//! restriction is closed, never opened.

mod access;
mod address;
mod dates;
mod draft;
mod folder;
mod person;
mod relaxed;
mod release;
mod tickets;
mod translate;
mod tree;
mod written;
mod yaml;

pub use draft::{Remark, Surroundings, Weight};
pub use folder::{Imported, ImportedService, read};
pub use written::to_toml;
