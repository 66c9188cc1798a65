//! CAS 1.0: two lines or one.

use super::Outcome;

/// `yes` and the user's name, or `no`, each ended by a line feed alone (CAS-125, CAS-126).
pub fn write(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Success(success) => format!("yes\n{}\n", success.user.as_str()),
        Outcome::Failure { .. } => "no\n".to_owned(),
    }
}
