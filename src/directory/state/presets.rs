//! Ready-made state rules for the usual ways of writing an account's state (experience §5.3). A
//! site lists its own rules before them or copies and changes them.
//!
//! Locks after failures are only announced here (`login` stays allowed): the entry keeps their mark
//! until the next right password, so that the directory alone knows whether a lock still holds.

use serde::{Deserialize, Serialize};

use super::Standing;
use super::rules::{Allow, StateRule};

/// A named list of rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Preset {
    /// supannRessourceEtat and supannRessourceEtatDate of SupAnn.
    Supann,
    /// Active Directory and Samba.
    Ad,
    /// OpenLDAP's ppolicy overlay.
    OpenldapPpolicy,
    /// shadow(5) attributes of RFC 2307.
    Shadow,
    /// 389 Directory Server and FreeIPA.
    #[serde(rename = "389ds")]
    Ds389,
    /// Accounts as the ENT Core suite keeps them.
    Entcore,
}

type Line = (&'static str, Standing, Option<Allow>);

const SUPANN: &[Line] = &[
    ("(supannRessourceEtat={COMPTE}S*)", Standing::Suspended, None),
    ("(supannRessourceEtat={COMPTE}I*)", Standing::Inactive, None),
    (
        "(supannRessourceEtat={COMPTE}A:SupannAnticipe*)",
        Standing::Announced,
        None,
    ),
    (
        "(supannRessourceEtat={COMPTE}A*) and supann-end(supannRessourceEtatDate) < today",
        Standing::Inactive,
        None,
    ),
    (
        "(supannRessourceEtat={COMPTE}A:SupannSursis*)",
        Standing::Grace,
        None,
    ),
];

const AD: &[Line] = &[
    (
        "(userAccountControl:1.2.840.113556.1.4.803:=2)",
        Standing::Suspended,
        None,
    ),
    ("filetime(accountExpires) <= now", Standing::Inactive, None),
    (
        "(msDS-User-Account-Control-Computed:1.2.840.113556.1.4.803:=16)",
        Standing::Locked,
        None,
    ),
    ("(pwdLastSet=0)", Standing::MustChange, None),
    (
        "(msDS-User-Account-Control-Computed:1.2.840.113556.1.4.803:=8388608)",
        Standing::Expired,
        None,
    ),
    ("(lockoutTime>=1)", Standing::Locked, Some(Allow::Login)),
];

const OPENLDAP_PPOLICY: &[Line] = &[
    ("(pwdAccountLockedTime=000001010000Z)", Standing::Suspended, None),
    ("time(pwdStartTime) > now", Standing::Announced, None),
    ("time(pwdEndTime) <= now", Standing::Inactive, None),
    ("(pwdReset=TRUE)", Standing::MustChange, None),
    ("(pwdAccountLockedTime=*)", Standing::Locked, Some(Allow::Login)),
];

const SHADOW: &[Line] = &[
    ("days(shadowExpire) < today", Standing::Inactive, None),
    ("(shadowLastChange=0)", Standing::MustChange, None),
    (
        "days(shadowLastChange) + days(shadowMax) < today",
        Standing::Expired,
        None,
    ),
];

const DS389: &[Line] = &[
    ("(nsAccountLock=TRUE)", Standing::Suspended, None),
    ("time(accountUnlockTime) > now", Standing::Locked, None),
    ("time(krbPrincipalExpiration) <= now", Standing::Inactive, None),
    // 0: chosen by somebody else; 1: and the person has been told.
    (
        "(|(passwordExpirationTime=19700101000000Z)(passwordExpirationTime=19700101000001Z))",
        Standing::MustChange,
        None,
    ),
    ("time(passwordExpirationTime) <= now", Standing::Expired, None),
    // A temporary password whose time is over.
    ("time(pwdTPRExpireAt) <= now", Standing::Expired, None),
];

const ENTCORE: &[Line] = &[
    ("(deleteDate=*)", Standing::Inactive, None),
    ("(blocked=TRUE)", Standing::Suspended, None),
    ("(activationCode=*)", Standing::NotActivated, None),
    ("(changePw=TRUE)", Standing::MustChange, None),
];

impl Preset {
    pub const ALL: [Preset; 6] = [
        Preset::Supann,
        Preset::Ad,
        Preset::OpenldapPpolicy,
        Preset::Shadow,
        Preset::Ds389,
        Preset::Entcore,
    ];

    pub fn rules(self) -> Vec<StateRule> {
        let lines = match self {
            Preset::Supann => SUPANN,
            Preset::Ad => AD,
            Preset::OpenldapPpolicy => OPENLDAP_PPOLICY,
            Preset::Shadow => SHADOW,
            Preset::Ds389 => DS389,
            Preset::Entcore => ENTCORE,
        };
        // Every line is parsed by a test, so that none can be lost here.
        lines
            .iter()
            .filter_map(|(when, then, allow)| StateRule::new(when, *then, *allow).ok())
            .collect()
    }

    #[cfg(test)]
    fn lines(self) -> usize {
        match self {
            Preset::Supann => SUPANN.len(),
            Preset::Ad => AD.len(),
            Preset::OpenldapPpolicy => OPENLDAP_PPOLICY.len(),
            Preset::Shadow => SHADOW.len(),
            Preset::Ds389 => DS389.len(),
            Preset::Entcore => ENTCORE.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::clock::Timestamp;
    use crate::directory::person::{AttributeValue, Attributes};
    use crate::directory::state::StateRules;

    const NOON: Timestamp = Timestamp(1_782_820_800_000); // 2026-06-30T12:00:00Z, day 20634

    fn standing(preset: Preset, pairs: &[(&str, &str)]) -> (Standing, bool) {
        let mut entry = Attributes::default();
        for (name, value) in pairs {
            entry.add(name, [AttributeValue::Text((*value).to_owned())]);
        }
        let state = StateRules::default()
            .with_presets(&[preset])
            .state_of(&entry, NOON);
        (state.standing, state.may_sign_in)
    }

    #[test]
    fn every_line_of_every_preset_is_a_rule() {
        for preset in Preset::ALL {
            assert_eq!(preset.rules().len(), preset.lines(), "{preset:?}");
        }
    }

    #[test]
    fn supann_states_are_read() {
        let state = |etat: &str, date: &str| {
            standing(
                Preset::Supann,
                &[("supannRessourceEtat", etat), ("supannRessourceEtatDate", date)],
            )
        };
        assert_eq!(
            state("{COMPTE}A:SupannActif", "{COMPTE}A:SupannActif::"),
            (Standing::Active, true)
        );
        assert_eq!(state("{COMPTE}A", "x"), (Standing::Active, true));
        assert_eq!(
            state("{COMPTE}A:SupannAnticipe", ""),
            (Standing::Announced, false)
        );
        assert_eq!(
            state(
                "{COMPTE}A:SupannSursis",
                "{COMPTE}A:SupannSursis:20260101:20260630"
            ),
            (Standing::Grace, true)
        );
        assert_eq!(
            state(
                "{COMPTE}A:SupannSursis",
                "{COMPTE}A:SupannSursis:20260101:20260629"
            ),
            (Standing::Inactive, false)
        );
        assert_eq!(
            state("{COMPTE}I:SupannSupprCompte", ""),
            (Standing::Inactive, false)
        );
        assert_eq!(
            state("{COMPTE}S:SupannVerrouille", ""),
            (Standing::Suspended, false)
        );
        assert_eq!(state("{MAIL}S:SupannVerrouille", ""), (Standing::Active, true));
    }

    #[test]
    fn active_directory_states_are_read() {
        let state = |pairs| standing(Preset::Ad, pairs);
        assert_eq!(
            state(&[("userAccountControl", "512"), ("accountExpires", "0")]),
            (Standing::Active, true)
        );
        assert_eq!(
            state(&[("userAccountControl", "514")]),
            (Standing::Suspended, false)
        );
        assert_eq!(
            state(&[("accountExpires", "9223372036854775807")]),
            (Standing::Active, true)
        );
        assert_eq!(
            state(&[("accountExpires", "130000000000000000")]),
            (Standing::Inactive, false)
        );
        assert_eq!(state(&[("pwdLastSet", "0")]), (Standing::MustChange, false));
        assert_eq!(
            state(&[("msDS-User-Account-Control-Computed", "8388608")]),
            (Standing::Expired, false)
        );
        assert_eq!(
            state(&[("lockoutTime", "133000000000000000")]),
            (Standing::Locked, true)
        );
        assert_eq!(state(&[("lockoutTime", "0")]), (Standing::Active, true));
    }

    #[test]
    fn openldap_389ds_shadow_and_entcore_states_are_read() {
        let ppolicy = |pairs| standing(Preset::OpenldapPpolicy, pairs);
        assert_eq!(
            ppolicy(&[("pwdAccountLockedTime", "000001010000Z")]),
            (Standing::Suspended, false)
        );
        assert_eq!(
            ppolicy(&[("pwdAccountLockedTime", "20260630115900Z")]),
            (Standing::Locked, true)
        );
        assert_eq!(ppolicy(&[("pwdReset", "TRUE")]), (Standing::MustChange, false));
        assert_eq!(
            ppolicy(&[("pwdStartTime", "20260901000000Z")]),
            (Standing::Announced, false)
        );
        assert_eq!(
            ppolicy(&[("pwdEndTime", "20260630120000Z")]),
            (Standing::Inactive, false)
        );
        let ds389 = |pairs| standing(Preset::Ds389, pairs);
        assert_eq!(ds389(&[("nsAccountLock", "true")]), (Standing::Suspended, false));
        assert_eq!(
            ds389(&[("passwordExpirationTime", "19700101000000Z")]),
            (Standing::MustChange, false)
        );
        assert_eq!(
            ds389(&[("passwordExpirationTime", "20260101000000Z")]),
            (Standing::Expired, false)
        );
        let shadow = |pairs| standing(Preset::Shadow, pairs);
        assert_eq!(shadow(&[("shadowExpire", "-1")]), (Standing::Active, true));
        assert_eq!(shadow(&[("shadowExpire", "20634")]), (Standing::Active, true));
        assert_eq!(shadow(&[("shadowExpire", "20633")]), (Standing::Inactive, false));
        assert_eq!(
            shadow(&[("shadowLastChange", "0"), ("shadowMax", "90")]),
            (Standing::MustChange, false)
        );
        assert_eq!(
            standing(Preset::Entcore, &[("activationCode", "x")]),
            (Standing::NotActivated, false)
        );
    }
}
