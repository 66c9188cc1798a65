//! What a server's answer to a password write means. The result code alone decides about success
//! (a control that speaks of an error beside it does not); the control and the texts only say why
//! it was refused. Server texts are read, never shown.

use ldap3::LdapResult;

use super::super::answers::policy_error;
use crate::directory::PasswordRefusal;

/// Codes by which a Modify that carries the fence says that somebody else wrote first:
/// noSuchAttribute, attributeOrValueExists, assertionFailed.
pub fn says_moved(result: &LdapResult) -> bool {
    matches!(result.rc, 16 | 20 | 122)
}

/// Why the directory refuses; `None` when the answer is no refusal of this password or writer.
pub fn refusal(result: &LdapResult) -> Option<PasswordRefusal> {
    if result.rc == 0 {
        return None;
    }
    if let Some(told) = policy_error(&result.ctrls).and_then(of_policy) {
        return Some(told);
    }
    let text = result.text.to_ascii_lowercase();
    match result.rc {
        50 => Some(PasswordRefusal::NotAllowed),
        19 => Some(of_text(&text)),
        53 if text.contains("0000052d") => Some(of_text(&text)),
        // OpenLDAP: "unwilling to verify old password".
        53 if text.contains("old password") => Some(PasswordRefusal::WrongCurrent),
        _ => None,
    }
}

/// Errors of draft-behera-ldap-password-policy-10 §6.2; 9 is OpenLDAP's own (SEC-77).
fn of_policy(error: u32) -> Option<PasswordRefusal> {
    Some(match error {
        3 | 4 => PasswordRefusal::NotAllowed,
        5 => PasswordRefusal::Quality,
        6 => PasswordRefusal::TooShort,
        7 => PasswordRefusal::TooYoung { wait: None },
        8 => PasswordRefusal::InHistory,
        9 => PasswordRefusal::TooLong,
        // passwordExpired, accountLocked, changeAfterReset speak of the account, not of this try.
        0..=2 => PasswordRefusal::NotAllowed,
        _ => return Some(PasswordRefusal::Other),
    })
}

/// constraintViolation with a text: Samba and 389 Directory Server tell the reason in it, Active
/// Directory only that it was the policy (`0000052D`) or the old password (`00000056`).
fn of_text(text: &str) -> PasswordRefusal {
    let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if says(&["00000056", "old password"]) {
        PasswordRefusal::WrongCurrent
    } else if says(&["too short", "at least"]) {
        PasswordRefusal::TooShort
    } else if says(&["history", "already used", "recently used"]) {
        PasswordRefusal::InHistory
    } else if says(&["too young", "minimum age", "within minimum", "wait"]) {
        PasswordRefusal::TooYoung { wait: None }
    } else if says(&["too long"]) {
        PasswordRefusal::TooLong
    } else {
        PasswordRefusal::Quality
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ldap3::controls::{Control, RawControl};

    fn answer(rc: u32, text: &str, error: Option<u8>) -> LdapResult {
        let control = |error: u8| {
            let raw = RawControl {
                ctype: "1.3.6.1.4.1.42.2.27.8.5.1".into(),
                crit: false,
                val: Some(vec![0x30, 3, 0x81, 1, error]),
            };
            Control(None, raw)
        };
        LdapResult {
            rc,
            matched: String::new(),
            text: text.to_owned(),
            refs: Vec::new(),
            ctrls: error.map(control).into_iter().collect(),
        }
    }

    #[test]
    fn the_ten_errors_of_the_policy_control_are_told_apart() {
        // SEC-77
        use PasswordRefusal::*;
        for (error, expected) in [
            (0, NotAllowed),
            (1, NotAllowed),
            (2, NotAllowed),
            (3, NotAllowed),
            (4, NotAllowed),
            (5, Quality),
            (6, TooShort),
            (7, TooYoung { wait: None }),
            (8, InHistory),
            (9, TooLong),
            (10, Other),
        ] {
            assert_eq!(refusal(&answer(19, "", Some(error))), Some(expected), "{error}");
        }
    }

    #[test]
    fn the_result_code_decides_about_success_and_not_the_control() {
        // SEC-77
        assert_eq!(refusal(&answer(0, "", Some(6))), None);
        assert_eq!(refusal(&answer(19, "", None)), Some(PasswordRefusal::Quality));
        assert_eq!(refusal(&answer(52, "", None)), None);
    }

    #[test]
    fn active_directory_and_its_like_say_why_in_their_texts() {
        // SEC-81
        for (rc, text, expected) in [
            (
                19,
                "0000052D: AtrErr: DSID-03191083, #1: 0: 0000052D",
                Some(PasswordRefusal::Quality),
            ),
            (
                53,
                "0000052D: SvcErr: DSID-031A12D2, problem 5003",
                Some(PasswordRefusal::Quality),
            ),
            (53, "0000001F: SvcErr: DSID-031A12D2, problem 5003", None),
            (
                50,
                "00000005: SecErr: DSID-03152857",
                Some(PasswordRefusal::NotAllowed),
            ),
            (
                19,
                "00000056: AtrErr: DSID-03191083",
                Some(PasswordRefusal::WrongCurrent),
            ),
            (
                19,
                "0000052D: Constraint violation - check_password_restrictions: the password is too short. It should be equal or longer than 7 characters!",
                Some(PasswordRefusal::TooShort),
            ),
            (
                19,
                "0000052D: Constraint violation - check_password_restrictions: the password was already used (in history)!",
                Some(PasswordRefusal::InHistory),
            ),
            (
                19,
                "0000052D: Constraint violation - check_password_restrictions: password is too young to change!",
                Some(PasswordRefusal::TooYoung { wait: None }),
            ),
        ] {
            assert_eq!(refusal(&answer(rc, text, None)), expected, "{text}");
        }
        assert!(says_moved(&answer(122, "", None)) && says_moved(&answer(16, "", None)));
        assert!(!says_moved(&answer(19, "", None)));
    }
}
