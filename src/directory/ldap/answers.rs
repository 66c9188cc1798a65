//! What result codes, response controls and Active Directory's texts mean. Pure: from an answer to
//! an outcome or a fault.

use ldap3::LdapResult;
use ldap3::controls::{Control, RawControl};

use super::ber;
use super::fault::Fault;
use crate::directory::{BindRefusal, Bound, DirectoryError, PasswordNotice};

/// draft-behera-ldap-password-policy-10.
const PASSWORD_POLICY: &str = "1.3.6.1.4.1.42.2.27.8.5.1";
/// draft-vchu-ldap-pwd-policy-00: the password has expired, or has been reset.
const PASSWORD_EXPIRED: &str = "2.16.840.1.113730.3.4.4";
/// The same: seconds left, as text.
const PASSWORD_EXPIRING: &str = "2.16.840.1.113730.3.4.5";

/// Asks a server to say what its password policy thinks.
pub fn password_policy_request() -> RawControl {
    RawControl {
        ctype: PASSWORD_POLICY.to_owned(),
        crit: false,
        val: None,
    }
}

/// Whether another server may answer otherwise (F-17): busy, unavailable, a limit, unwilling.
fn passes_elsewhere(code: u32) -> bool {
    matches!(code, 3 | 11 | 51 | 52 | 53)
}

/// A code that is neither success nor a refusal.
pub fn fault_of(operation: &'static str, result: &LdapResult) -> Fault {
    let (code, text) = (result.rc, shortened(&result.text));
    if passes_elsewhere(code) {
        return Fault::Passing { code, text };
    }
    let text = match code {
        10 => format!("a referral to {}, which is not followed", result.refs.join(", ")),
        _ => text,
    };
    Fault::Final(DirectoryError::Answered {
        operation,
        code,
        text,
    })
}

/// A server's text for the log, without what would break a line.
pub fn shortened(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}

/// What a bind comes to. Only a plain "invalid credentials" is a wrong password; whatever is not
/// understood is a fault (invariant I7).
pub fn bound(result: &LdapResult) -> Result<Bound, Fault> {
    let told = told_by(&result.ctrls);
    match result.rc {
        0 => Ok(Bound::Accepted(told.notice())),
        // 389 Directory Server: too many failures.
        19 => Ok(Bound::Refused(BindRefusal::Locked)),
        // No such entry any more; an entry without a password.
        32 | 48 => Ok(Bound::WrongPassword),
        49 => Ok(told
            .refusal()
            .or_else(|| active_directory_refusal(&result.text))
            .map_or(Bound::WrongPassword, Bound::Refused)),
        // 389 Directory Server: nsAccountLock, told before the password is looked at, so it says
        // nothing about it.
        53 if result.text.to_ascii_lowercase().contains("inactivated") => {
            Ok(Bound::Refused(BindRefusal::Locked))
        }
        _ => Err(fault_of("bind", result)),
    }
}

/// `… AcceptSecurityContext error, data 533, v4563`: the reason behind AD's 49.
fn active_directory_refusal(text: &str) -> Option<BindRefusal> {
    match active_directory_data(text)? {
        // Hours, workstation, disabled, account past its end.
        "530" | "531" | "533" | "701" => Some(BindRefusal::Disabled),
        "532" => Some(BindRefusal::Expired),
        "773" => Some(BindRefusal::MustChange),
        "775" => Some(BindRefusal::Locked),
        // 525 (nobody of this name) and 52e (wrong password) are one answer to us.
        _ => None,
    }
}

/// The data code of AD's text.
pub fn active_directory_data(text: &str) -> Option<&str> {
    let (_, after) = text.split_once(", data ")?;
    after
        .split(|c: char| !c.is_ascii_hexdigit())
        .next()
        .filter(|code| !code.is_empty())
}

/// What the controls of an answer say about the password.
#[derive(Debug, Default, PartialEq, Eq)]
struct Told {
    seconds_left: Option<u32>,
    grace_left: Option<u32>,
    /// passwordExpired 0, accountLocked 1, changeAfterReset 2; others belong to changes.
    policy_error: Option<u32>,
    expired: bool,
}

impl Told {
    fn notice(&self) -> Option<PasswordNotice> {
        if self.policy_error == Some(2) || self.expired {
            return Some(PasswordNotice::MustChange);
        }
        let grace = self.grace_left.map(PasswordNotice::GraceLoginsLeft);
        grace.or(self.seconds_left.map(PasswordNotice::ExpiresInSeconds))
    }

    fn refusal(&self) -> Option<BindRefusal> {
        match self.policy_error {
            Some(0) => Some(BindRefusal::Expired),
            Some(1) => Some(BindRefusal::Locked),
            Some(2) => Some(BindRefusal::MustChange),
            _ => self.expired.then_some(BindRefusal::Expired),
        }
    }
}

/// The error of the password-policy control, if the answer has one.
pub fn policy_error(controls: &[Control]) -> Option<u32> {
    told_by(controls).policy_error
}

fn told_by(controls: &[Control]) -> Told {
    let mut told = Told::default();
    for Control(_, control) in controls {
        let value = control.val.as_deref();
        match (control.ctype.as_str(), value) {
            (PASSWORD_POLICY, Some(value)) => read_policy(value, &mut told).unwrap_or_default(),
            (PASSWORD_EXPIRED, _) => told.expired = true,
            (PASSWORD_EXPIRING, Some(value)) => {
                told.seconds_left = std::str::from_utf8(value)
                    .ok()
                    .and_then(|text| text.trim().parse().ok());
            }
            _ => {}
        }
    }
    told
}

/// `SEQUENCE { warning [0] CHOICE { [0] seconds, [1] grace } OPTIONAL, error [1] OPTIONAL }`.
fn read_policy(value: &[u8], told: &mut Told) -> Result<(), ber::Violation> {
    let (mut contents, _) = ber::expect(value, ber::SEQUENCE)?;
    while !contents.is_empty() {
        let (tag, inner, rest) = ber::element(contents)?;
        match tag {
            0xa0 => match ber::element(inner)? {
                (0x80, seconds, _) => told.seconds_left = ber::number(seconds),
                (0x81, grace, _) => told.grace_left = ber::number(grace),
                _ => {}
            },
            0x81 => told.policy_error = ber::number(inner),
            _ => {}
        }
        contents = rest;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(rc: u32, text: &str, controls: &[(&str, Option<&[u8]>)]) -> LdapResult {
        let control = |(kind, value): &(&str, Option<&[u8]>)| {
            let raw = RawControl {
                ctype: (*kind).to_owned(),
                crit: false,
                val: value.map(<[u8]>::to_vec),
            };
            Control(None, raw)
        };
        LdapResult {
            rc,
            matched: String::new(),
            text: text.to_owned(),
            refs: vec!["ldap://primary.example.org".into()],
            ctrls: controls.iter().map(control).collect(),
        }
    }

    #[test]
    fn only_invalid_credentials_are_a_wrong_password() {
        // F-17, F-16
        assert_eq!(bound(&answer(49, "", &[])).unwrap(), Bound::WrongPassword);
        assert_eq!(bound(&answer(0, "", &[])).unwrap(), Bound::Accepted(None));
        for code in [3, 11, 51, 52, 53] {
            assert!(
                matches!(bound(&answer(code, "", &[])), Err(Fault::Passing { .. })),
                "{code}"
            );
        }
        for code in [1, 2, 7, 8, 10, 12, 13, 14, 34, 50, 54, 80, 4711] {
            let fault = bound(&answer(code, "", &[])).unwrap_err();
            assert!(
                matches!(fault, Fault::Final(DirectoryError::Answered { .. })),
                "{code}"
            );
        }
    }

    #[test]
    fn a_referral_is_named_and_not_followed() {
        let Fault::Final(error) = fault_of("search", &answer(10, "", &[])) else {
            panic!()
        };
        assert!(
            error.to_string().contains("ldap://primary.example.org"),
            "{error}"
        );
    }

    #[test]
    fn active_directory_says_why_in_its_text() {
        let text = |data: &str| {
            format!(
                "80090308: LdapErr: DSID-0C090447, comment: AcceptSecurityContext error, data {data}, v4563"
            )
        };
        for (data, expected) in [
            ("525", Bound::WrongPassword),
            ("52e", Bound::WrongPassword),
            ("530", Bound::Refused(BindRefusal::Disabled)),
            ("531", Bound::Refused(BindRefusal::Disabled)),
            ("532", Bound::Refused(BindRefusal::Expired)),
            ("533", Bound::Refused(BindRefusal::Disabled)),
            ("701", Bound::Refused(BindRefusal::Disabled)),
            ("773", Bound::Refused(BindRefusal::MustChange)),
            ("775", Bound::Refused(BindRefusal::Locked)),
        ] {
            assert_eq!(bound(&answer(49, &text(data), &[])).unwrap(), expected, "{data}");
        }
    }

    #[test]
    fn password_policy_answers_are_read() {
        let policy = |rc, value: &[u8]| bound(&answer(rc, "", &[(PASSWORD_POLICY, Some(value))])).unwrap();
        assert_eq!(
            policy(49, b"\x30\x03\x81\x01\x01"),
            Bound::Refused(BindRefusal::Locked)
        );
        assert_eq!(
            policy(49, b"\x30\x03\x81\x01\x00"),
            Bound::Refused(BindRefusal::Expired)
        );
        assert_eq!(
            policy(0, b"\x30\x03\x81\x01\x02"),
            Bound::Accepted(Some(PasswordNotice::MustChange))
        );
        assert_eq!(
            policy(0, b"\x30\x06\xa0\x04\x80\x02\x0e\x10"),
            Bound::Accepted(Some(PasswordNotice::ExpiresInSeconds(3600)))
        );
        assert_eq!(
            policy(0, b"\x30\x05\xa0\x03\x81\x01\x03"),
            Bound::Accepted(Some(PasswordNotice::GraceLoginsLeft(3)))
        );
        assert_eq!(policy(0, b"\x30\x00"), Bound::Accepted(None));
        assert_eq!(policy(0, b"garbage"), Bound::Accepted(None));
        assert_eq!(
            bound(&answer(0, "", &[(PASSWORD_POLICY, None)])).unwrap(),
            Bound::Accepted(None)
        );
    }

    #[test]
    fn the_older_controls_and_389ds_codes_are_read() {
        let expired = answer(0, "", &[(PASSWORD_EXPIRED, Some(b"0"))]);
        assert_eq!(
            bound(&expired).unwrap(),
            Bound::Accepted(Some(PasswordNotice::MustChange))
        );
        let expired = answer(49, "", &[(PASSWORD_EXPIRED, Some(b"0"))]);
        assert_eq!(bound(&expired).unwrap(), Bound::Refused(BindRefusal::Expired));
        let soon = answer(0, "", &[(PASSWORD_EXPIRING, Some(b"86400"))]);
        assert_eq!(
            bound(&soon).unwrap(),
            Bound::Accepted(Some(PasswordNotice::ExpiresInSeconds(86_400)))
        );
        let inactive = answer(53, "Account inactivated. Contact system administrator.", &[]);
        // Told whatever the password was: it must not pass for a right one (T-53).
        assert_eq!(bound(&inactive).unwrap(), Bound::Refused(BindRefusal::Locked));
        let tired = answer(19, "Exceed password retry limit. Please try later.", &[]);
        assert_eq!(bound(&tired).unwrap(), Bound::Refused(BindRefusal::Locked));
    }
}
