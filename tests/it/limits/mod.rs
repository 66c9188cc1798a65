//! Too much at once: who is turned away, with what words, and who never is.

mod realms;
mod shed;
mod waiting;
