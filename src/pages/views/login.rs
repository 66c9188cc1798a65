//! The login form (experience §3.2; CAS-15, CAS-17 to CAS-20, CAS-69).

use serde::Serialize;

use super::captcha::{Captcha, Outcome};
use super::delegation::{OtherWays, WayGroup};
use super::waiting::Room;
use super::{Page, SAMPLE_MOMENT, SAMPLE_SERVICE};
use crate::base::clock::Timestamp;

/// Everything the form needs. The password never comes back to it.
#[derive(Debug, Clone, Serialize)]
pub struct Login {
    /// Where the form posts to.
    pub action: String,
    /// The one-use login ticket, `LT-…`.
    pub lt: String,
    /// The service exactly as it was asked, repeated by the form.
    pub service: Option<String>,
    /// The same, where it was asked as `TARGET` (CAS-208).
    pub target: Option<String>,
    /// Its name for people, when it is registered under one.
    pub service_name: Option<String>,
    /// Repeats `renew=true`.
    pub renew: bool,
    /// Repeats `method`.
    pub method: Option<String>,
    /// Repeats the tenant.
    pub tenant: Option<String>,
    /// What was typed, or empty.
    pub username: String,
    /// What people of this realm call their login, in the page's language.
    pub username_hint: Option<String>,
    /// The session exists already and only the password is asked.
    pub confirm: Option<Confirm>,
    /// `Some(ticked)` shows the box “warn me before another application opens”.
    pub warn: Option<bool>,
    /// `Some(days)` shows the box “keep me signed in”, never ticked (CAS-19).
    pub remember_days: Option<u32>,
    pub problem: Option<LoginProblem>,
    /// Asked where the network tries many names in vain (T-58).
    pub check: Option<Captcha>,
    /// Another institution that may have been meant.
    pub elsewhere: Option<Elsewhere>,
    pub links: LoginLinks,
    pub ways: OtherWays,
    /// Where its script asks whether the directory has room.
    pub room: Option<Room>,
}

/// Another institution, and its sign-in page.
#[derive(Debug, Clone, Serialize)]
pub struct Elsewhere {
    pub why: WhyElsewhere,
    pub name: String,
    pub url: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum WhyElsewhere {
    /// The link names it beside the host or path that decided.
    Link,
    /// The e-mail address that was typed is of its people.
    Address,
}

/// `renew`: who is signed in, and the way out for someone else.
#[derive(Debug, Clone, Serialize)]
pub struct Confirm {
    pub username: String,
    pub not_me: String,
}

/// Ways to help oneself; absent ones are not shown.
#[derive(Debug, Clone, Default, Serialize)]
pub struct LoginLinks {
    pub forgot_password: Option<String>,
    /// The same by a POST that takes along what was typed.
    pub carry: Option<String>,
    pub forgot_username: Option<String>,
    pub activate: Option<String>,
    pub help: Option<String>,
}

/// Why the form is shown again. The text never tells whether the account exists.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum LoginProblem {
    /// At least one is true.
    Empty {
        username: bool,
        password: bool,
    },
    Wrong {
        tries: Option<TriesLeft>,
    },
    /// `until` is shown when the wait is a minute or more, else the seconds.
    Throttled {
        wait_seconds: u64,
        until: Timestamp,
    },
    DirectoryDown,
    /// The directory has no room for another try; none was made (reliability §3.3).
    Crowded {
        wait_seconds: u64,
    },
    /// The network tries many names in vain: nothing was tried before its challenge is answered (T-58).
    Check,
    NotHuman,
    CheckGone,
    /// The login ticket is missing, used or too old: nothing was tried.
    PageTooOld,
    /// The cookie set with the form did not come back.
    CookiesBlocked,
    /// The session was ended because the account may no longer sign in (CAS-61).
    SessionEnded,
    /// A proxy in front of us names somebody whom nobody knows here (CAS-30).
    Vouched,
}

/// How many failures are still free, and how long the pause after them lasts.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct TriesLeft {
    pub left: u64,
    pub pause_seconds: u64,
}

impl Login {
    /// An empty form with no service.
    pub fn new(action: &str, lt: &str) -> Login {
        Login {
            action: action.to_owned(),
            lt: lt.to_owned(),
            service: None,
            target: None,
            service_name: None,
            renew: false,
            method: None,
            tenant: None,
            username: String::new(),
            username_hint: None,
            confirm: None,
            warn: None,
            remember_days: None,
            problem: None,
            check: None,
            elsewhere: None,
            links: LoginLinks::default(),
            ways: OtherWays::default(),
            room: None,
        }
    }

    fn sample() -> Login {
        Login {
            service: Some("https://notes.valmont.example/".to_owned()),
            service_name: Some("Carnet de notes".to_owned()),
            username_hint: Some("prénom.nom, sans accent".to_owned()),
            warn: Some(false),
            room: Some(Room::sample(false)),
            ..Login::new("/cas/login", "LT-1-nGq0yT7sample")
        }
    }

    fn sample_again(problem: LoginProblem) -> Login {
        Login {
            username: "camille.dupont".to_owned(),
            problem: Some(problem),
            ..Login::sample()
        }
    }

    /// The address of the page, or the one that was typed, belongs to another institution.
    fn sample_elsewhere(why: WhyElsewhere) -> Login {
        let again = match why {
            WhyElsewhere::Link => Login::sample(),
            WhyElsewhere::Address => Login {
                username: "camille.dupont@barret.example".to_owned(),
                ..Login::sample_again(LoginProblem::Wrong { tries: None })
            },
        };
        Login {
            elsewhere: Some(Elsewhere {
                why,
                name: "Lycée Jeanne-Barret".to_owned(),
                url: "/cas/login?tenant=barret".to_owned(),
            }),
            ..again
        }
    }

    fn sample_confirm() -> Login {
        Login {
            renew: true,
            username: "camille.dupont".to_owned(),
            confirm: Some(Confirm {
                username: "camille.dupont".to_owned(),
                not_me: "/cas/logout".to_owned(),
            }),
            ..Login::sample()
        }
    }

    fn sample_hostile() -> Login {
        let hostile = "\"><script>alert(1)</script>";
        Login {
            action: "javascript:alert(1)".to_owned(),
            service: Some(SAMPLE_SERVICE.to_owned()),
            service_name: Some(hostile.to_owned()),
            method: Some(hostile.to_owned()),
            tenant: Some(hostile.to_owned()),
            username: hostile.to_owned(),
            lt: hostile.to_owned(),
            ..Login::sample()
        }
    }

    fn sample_with_links() -> Login {
        Login {
            warn: Some(true),
            remember_days: Some(30),
            links: LoginLinks {
                forgot_password: Some("/cas/recover".to_owned()),
                carry: Some("/cas/recover/start".to_owned()),
                forgot_username: Some("/cas/recover/username".to_owned()),
                activate: Some("/cas/activate".to_owned()),
                help: Some("/cas/help".to_owned()),
            },
            ..Login::sample()
        }
    }

    fn sample_ways(first: Vec<WayGroup>, after: Vec<WayGroup>, only: bool) -> Login {
        Login {
            ways: OtherWays { first, after, only },
            ..Login::sample_with_links()
        }
    }

    /// What a network that tries many names in vain is shown.
    fn samples_checked() -> [(&'static str, Login); 4] {
        [
            ("check-first", Login::sample_checked(None, Outcome::None)),
            (
                "check",
                Login::sample_checked(Some(LoginProblem::Check), Outcome::None),
            ),
            (
                "not-human",
                Login::sample_checked(Some(LoginProblem::NotHuman), Outcome::Wrong),
            ),
            (
                "check-gone",
                Login::sample_checked(Some(LoginProblem::CheckGone), Outcome::Gone),
            ),
        ]
    }

    fn sample_checked(problem: Option<LoginProblem>, outcome: Outcome) -> Login {
        Login {
            problem,
            check: Some(Captcha::sample(outcome, false)),
            ..Login::sample_with_links()
        }
    }

    fn sample_throttled(wait_seconds: u64) -> Login {
        Login::sample_again(LoginProblem::Throttled {
            wait_seconds,
            until: SAMPLE_MOMENT,
        })
    }

    fn sample_crowded() -> Login {
        Login {
            room: Some(Room::sample(true)),
            ..Login::sample_again(LoginProblem::Crowded { wait_seconds: 4 })
        }
    }

    fn sample_empty(username: bool, password: bool) -> Login {
        let again = Login::sample_again(LoginProblem::Empty { username, password });
        match username {
            true => Login {
                username: String::new(),
                ..again
            },
            false => again,
        }
    }
}

impl Page for Login {
    const NAME: &'static str = "login";

    fn samples() -> Vec<(&'static str, Login)> {
        let tries = |left, pause_seconds| {
            let tries = Some(TriesLeft { left, pause_seconds });
            Login::sample_again(LoginProblem::Wrong { tries })
        };
        let mut wrong_plain = Login {
            problem: Some(LoginProblem::Wrong { tries: None }),
            ..Login::sample_with_links()
        };
        wrong_plain.links.carry = None;
        let wrong_with_links = Login {
            problem: Some(LoginProblem::Wrong { tries: None }),
            username: "camille.dupont".to_owned(),
            ..Login::sample_with_links()
        };
        let confirm_nameless = Login {
            service_name: None,
            problem: Some(LoginProblem::Wrong { tries: None }),
            ..Login::sample_confirm()
        };
        let mut all = vec![
            ("other-link", Login::sample_elsewhere(WhyElsewhere::Link)),
            ("other-address", Login::sample_elsewhere(WhyElsewhere::Address)),
            ("plain", Login::new("/cas/login", "LT-1-sample")),
            ("service", Login::sample()),
            ("links", Login::sample_with_links()),
            (
                "way-after",
                Login::sample_ways(Vec::new(), OtherWays::sample_one(), false),
            ),
            (
                "ways-first",
                Login::sample_ways(OtherWays::sample_groups(), Vec::new(), false),
            ),
            (
                "way-only",
                Login::sample_ways(OtherWays::sample_one(), Vec::new(), true),
            ),
            ("empty-both", Login::sample_empty(true, true)),
            ("empty-username", Login::sample_empty(true, false)),
            ("empty-password", Login::sample_empty(false, true)),
            ("wrong", Login::sample_again(LoginProblem::Wrong { tries: None })),
            ("wrong-links", wrong_with_links),
            ("wrong-plain-links", wrong_plain),
            ("two-tries-left", tries(2, 1)),
            ("last-try", tries(1, 900)),
            ("throttled-seconds", Login::sample_throttled(8)),
            ("throttled-minutes", Login::sample_throttled(300)),
            ("directory-down", Login::sample_again(LoginProblem::DirectoryDown)),
            ("crowded", Login::sample_crowded()),
            ("too-old", Login::sample_again(LoginProblem::PageTooOld)),
            ("cookies", Login::sample_again(LoginProblem::CookiesBlocked)),
            ("session-ended", Login::sample_again(LoginProblem::SessionEnded)),
            ("vouched", Login::sample_again(LoginProblem::Vouched)),
            ("confirm", Login::sample_confirm()),
            ("confirm-wrong", confirm_nameless),
            ("hostile", Login::sample_hostile()),
        ];
        all.extend(Login::samples_checked());
        all
    }

    fn passing(&mut self) -> Option<Vec<&mut String>> {
        // Who is signed in already is seldom asked again; each CAPTCHA is another one, each pause ends at another
        // moment.
        let is_paused = matches!(self.problem, Some(LoginProblem::Throttled { .. }));
        let is_common = self.confirm.is_none() && self.check.is_none() && !is_paused;
        let asked = self.service.iter_mut().chain(&mut self.target);
        is_common.then(|| asked.chain([&mut self.lt, &mut self.username]).collect())
    }

    fn addresses(&mut self) -> Vec<&mut String> {
        let links = &mut self.links;
        let recovery = [
            &mut links.forgot_password,
            &mut links.carry,
            &mut links.forgot_username,
        ];
        let ours = recovery.into_iter().chain([&mut links.help]).flatten();
        let groups = self.ways.first.iter_mut().chain(&mut self.ways.after);
        let others = groups.flat_map(|group| group.ways.iter_mut().map(|way| &mut way.url));
        let elsewhere = self.elsewhere.iter_mut().map(|elsewhere| &mut elsewhere.url);
        ours.chain(others)
            .chain(elsewhere)
            .chain([&mut self.action])
            .collect()
    }
}
