//! The configuration as an operator meets it: folders of files, good and wrong.

mod callbacks;
pub mod files;
mod never_panics;
mod password;
mod recovery;
mod remember;
mod rest;
mod sender;
mod wrong;
