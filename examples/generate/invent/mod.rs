//! Invented schools, people and questions, the same for the same seed. No real person and no real
//! establishment is among them; every address ends in `.example`, `example.org` or `.test`.

pub mod aaf;
pub mod chance;
pub mod departements;
pub mod ent;
pub mod expected;
pub mod given_names;
pub mod hashes;
pub mod ldif;
pub mod ministry;
pub mod patrons;
pub mod people;
pub mod queries;
pub mod schools;
pub mod services;
pub mod sounds;
pub mod standing;
pub mod towns;
