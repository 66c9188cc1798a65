//! What the directory of a test makes of a person and of a write; it writes nothing itself.

use mereau::directory::{PasswordRefusal, Person};

/// What becomes of a person; `None`: they are gone.
pub type Change = fn(Person) -> Option<Person>;

/// What becomes of a write.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Fate {
    #[default]
    Applied,
    Refused(PasswordRefusal),
    /// It is written, and the answer is lost.
    AppliedSilently,
    /// It never arrived, and no answer comes.
    Lost,
}
