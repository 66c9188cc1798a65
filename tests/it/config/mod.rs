//! The configuration as an operator meets it: folders of files, good and wrong.

pub mod files;
mod never_panics;
mod password;
mod recovery;
mod sender;
mod wrong;
