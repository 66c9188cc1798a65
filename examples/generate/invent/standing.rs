//! The states of accounts, each in every way directories write it, and what a right password then
//! comes to. Dates that must lie behind are in 2020, those that must lie ahead in 2099.

use mereau::directory::Standing;
use mereau::directory::state::Preset;

use super::chance::Chance;

/// One way of writing one state.
#[derive(Debug, PartialEq, Eq)]
pub struct Case {
    pub standing: Standing,
    /// Whether the right password lets them in; `None` where the directory's own count decides.
    pub may_sign_in: Option<bool>,
    /// Attributes of the entry in OpenLDAP; `userPassword` here stands for the hash.
    pub written: &'static [(&'static str, &'static str)],
}

const fn case(
    standing: Standing,
    may_sign_in: Option<bool>,
    written: &'static [(&'static str, &'static str)],
) -> Case {
    Case {
        standing,
        may_sign_in,
        written,
    }
}

const ETAT: &str = "supannRessourceEtat";
const DATE: &str = "supannRessourceEtatDate";

/// Ways of writing a state with how many people of a hundred are in it.
type Ways = (u32, &'static [Case]);

const ALL: [Ways; 9] = [
    (
        87,
        &[
            case(Standing::Active, Some(true), &[(ETAT, "{COMPTE}A:SupannActif")]),
            case(Standing::Active, Some(true), &[]),
            case(
                Standing::Active,
                Some(true),
                &[("shadowExpire", "47500"), ("shadowLastChange", "20000")],
            ),
            case(Standing::Active, Some(true), &[("shadowExpire", "-1")]),
            case(Standing::Active, Some(true), &[("pwdEndTime", "20990831000000Z")]),
            case(
                Standing::Active,
                Some(true),
                &[
                    (ETAT, "{COMPTE}A:SupannActif"),
                    (DATE, "{COMPTE}A:SupannActif::20990831"),
                ],
            ),
        ],
    ),
    (
        2,
        &[
            case(
                Standing::Announced,
                Some(false),
                &[(ETAT, "{COMPTE}A:SupannAnticipe")],
            ),
            case(
                Standing::Announced,
                Some(false),
                &[("pwdStartTime", "20990901000000Z")],
            ),
        ],
    ),
    (
        3,
        &[case(
            Standing::Grace,
            Some(true),
            &[
                (ETAT, "{COMPTE}A:SupannSursis"),
                (DATE, "{COMPTE}A:SupannSursis:20250901:20991231"),
            ],
        )],
    ),
    (
        3,
        &[
            case(
                Standing::Inactive,
                Some(false),
                &[(ETAT, "{COMPTE}I:SupannInactif")],
            ),
            case(
                Standing::Inactive,
                Some(false),
                &[(ETAT, "{COMPTE}I:SupannSupprCompte")],
            ),
            case(
                Standing::Inactive,
                Some(false),
                &[
                    (ETAT, "{COMPTE}A:SupannActif"),
                    (DATE, "{COMPTE}A:SupannActif::20200831"),
                ],
            ),
            case(Standing::Inactive, Some(false), &[("shadowExpire", "18500")]),
            case(
                Standing::Inactive,
                Some(false),
                &[("pwdEndTime", "20200831000000Z")],
            ),
            case(Standing::Inactive, Some(false), &[("employeeType", "ancien")]),
            case(
                Standing::Inactive,
                Some(false),
                &[("deleteDate", "20260101000000Z")],
            ),
        ],
    ),
    (
        1,
        &[
            case(
                Standing::Suspended,
                Some(false),
                &[(ETAT, "{COMPTE}S:SupannVerrouille")],
            ),
            case(
                Standing::Suspended,
                Some(false),
                &[("pwdAccountLockedTime", "000001010000Z")],
            ),
            case(Standing::Suspended, Some(false), &[("nsAccountLock", "TRUE")]),
            case(Standing::Suspended, Some(false), &[("blocked", "TRUE")]),
            case(
                Standing::Suspended,
                Some(false),
                &[("loginShell", "/usr/sbin/nologin")],
            ),
        ],
    ),
    (
        1,
        &[
            case(
                Standing::Locked,
                None,
                &[("pwdAccountLockedTime", "20261001080000Z")],
            ),
            case(Standing::Locked, Some(false), &[("krbLoginFailedCount", "12")]),
        ],
    ),
    (
        1,
        &[case(
            Standing::Expired,
            Some(false),
            &[("shadowLastChange", "18000"), ("shadowMax", "365")],
        )],
    ),
    (
        1,
        &[
            case(Standing::MustChange, Some(false), &[("pwdReset", "TRUE")]),
            case(Standing::MustChange, Some(false), &[("shadowLastChange", "0")]),
            case(Standing::MustChange, Some(false), &[("changePw", "TRUE")]),
        ],
    ),
    (
        1,
        &[case(
            Standing::NotActivated,
            Some(false),
            &[("activationCode", "K7QD2M9X")],
        )],
    ),
];

/// What no preset knows and a site has to say: a condition on the entry, and the state it tells.
pub const SITE_RULES: [(&str, Standing); 3] = [
    ("(employeeType=ancien)", Standing::Inactive),
    ("(loginShell=*nologin)", Standing::Suspended),
    ("(krbLoginFailedCount>=10)", Standing::Locked),
];

/// Presets that know the rest.
pub const PRESETS: [Preset; 5] = [
    Preset::Supann,
    Preset::OpenldapPpolicy,
    Preset::Shadow,
    Preset::Ds389,
    Preset::Entcore,
];

/// Every way there is.
pub fn cases() -> impl Iterator<Item = &'static Case> {
    ALL.iter().flat_map(|(_, ways)| ways.iter())
}

/// Hands out states in their proportions; the ways of writing one take turns, so that none is rare.
#[derive(Default)]
pub struct Standings {
    turns: [usize; ALL.len()],
}

impl Standings {
    pub fn next(&mut self, chance: &mut Chance) -> &'static Case {
        let mut drawn = chance.below(100) as u32;
        for ((share, ways), turn) in ALL.iter().zip(&mut self.turns) {
            if drawn < *share {
                *turn += 1;
                return &ways[*turn % ways.len()];
            }
            drawn -= share;
        }
        &ALL[0].1[0]
    }
}
