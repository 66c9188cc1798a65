//! Registrations of Apereo CAS (specification §4): its JSON, HJSON and YAML definitions read and
//! turned into our settings, with everything told that cannot be carried.

pub mod relaxed;
pub mod tree;
pub mod yaml;
