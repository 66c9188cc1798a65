//! What every other module stands on: time, chance, secrets, names, keys. It knows nothing of
//! directories, tickets or pages.

pub mod addresses;
pub mod clock;
pub mod edition;
pub mod entropy;
pub mod findings;
pub mod fold;
pub mod key_digest;
pub mod key_file;
pub mod keys;
pub mod names;
pub mod secret;
pub mod seldom;
pub mod texts;
pub mod uai;
pub mod version;
