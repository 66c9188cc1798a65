//! Every letter in every state, with invented people and no real secret: for the check of themes, the
//! gallery and the tests.

use std::time::Duration;

use crate::base::names::{EmailAddress, Locale, NetworkPrefix, PhoneNumber, RealmId};
use crate::base::secret::Secret;
use crate::messages::{
    AccountBlock, Aside, Asked, Browser, Destination, Door, Family, How, Letter, Link, LinkBase, LoginLine,
    MessageId, Notice, Sender, Support, System, Way,
};
use crate::pages::views::SAMPLE_MOMENT;
use crate::tickets::AskedFrom;

pub struct Sample {
    pub state: &'static str,
    pub to: Destination,
    pub from: Sender,
    pub notice: Notice,
    id: MessageId,
}

impl Sample {
    pub fn letter<'a>(&'a self, locale: &'a Locale) -> Letter<'a> {
        Letter {
            to: &self.to,
            from: &self.from,
            locale,
            notice: &self.notice,
            message_id: &self.id,
            written: SAMPLE_MOMENT,
        }
    }
}

/// Nothing when an invented address were none: the tests look that there are samples.
pub fn all() -> Vec<Sample> {
    samples().unwrap_or_default()
}

#[allow(clippy::too_many_lines, reason = "one sample after the other")]
fn samples() -> Option<Vec<Sample>> {
    let made = Made::new()?;
    let mut all = Vec::new();
    let mut mail = |state, from: &Sender, notice: Notice| {
        all.push(Sample {
            state,
            to: Destination::Mail(made.address.clone()),
            from: from.clone(),
            id: MessageId::of(&[notice.name().as_bytes(), str::as_bytes(state)]),
            notice,
        });
    };
    let full = &made.full;
    mail("one", full, made.reset(1, vec![])?);
    mail("several", &made.bare, made.reset(2, made.besides())?);
    mail("none", full, made.reset(0, made.besides())?);
    mail("one", full, made.shared(vec![])?);
    mail("besides", &made.bare, made.shared(made.besides())?);
    mail("agent", full, made.by_agent()?);
    mail("plain", full, made.provisional()?);
    mail("links", full, made.identifiers(true)?);
    mail("plain", &made.bare, made.identifiers(false)?);
    let login = || "c.dupont".to_owned();
    let activation = Some("https://activation.valmont.example/".to_owned());
    mail(
        "known",
        full,
        Notice::NotActivated {
            login: login(),
            activation,
        },
    );
    mail(
        "unknown",
        full,
        Notice::NotActivated {
            login: login(),
            activation: None,
        },
    );
    mail(
        "plain",
        full,
        Notice::Federated {
            login: login(),
            where_to: made.where_to(),
        },
    );
    mail("plain", full, Notice::RefusedByPolicy { login: login() });
    for (state, how) in [
        ("mail", How::Mail),
        ("sms", How::Sms),
        ("agent", How::Agent),
        ("account", How::Account),
        ("forced", How::Forced),
    ] {
        mail(state, full, made.changed(how)?);
    }
    mail("plain", full, Notice::Unlocked { login: login() });
    for undo in [Some(made.link(Door::Undo)?), None] {
        let state = if undo.is_some() { "undo" } else { "plain" };
        let (mask, when) = ("m•••@h•••.fr".to_owned(), SAMPLE_MOMENT);
        let [first, second, third] = [(); 3].map(|()| (login(), mask.clone(), undo.clone()));
        let (login, mask, undo) = first;
        mail(
            state,
            full,
            Notice::AddressAdded {
                login,
                mask,
                when,
                undo,
            },
        );
        let (login, mask, undo) = second;
        mail(
            state,
            full,
            Notice::AddressRemoved {
                login,
                mask,
                when,
                undo,
            },
        );
        let (login, mask, undo) = third;
        mail(
            state,
            full,
            Notice::AddressChanged {
                login,
                mask,
                when,
                undo,
            },
        );
    }
    mail("link", full, made.confirm(true)?);
    mail("code", full, made.confirm(false)?);
    let (mask, when) = (Some("m•••@h•••.fr".to_owned()), SAMPLE_MOMENT);
    let revoke = Some(made.link(Door::Revoke)?);
    mail(
        "sent",
        full,
        Notice::SentByAgent {
            login: login(),
            mask,
            when,
            revoke,
        },
    );
    mail(
        "printed",
        full,
        Notice::SentByAgent {
            login: login(),
            mask: None,
            when,
            revoke: None,
        },
    );
    mail("plain", full, Notice::Disowned { login: login(), when });
    for notice in [made.code(), made.confirm(false)?, made.changed(How::Mail)?] {
        all.push(Sample {
            state: "text-message",
            to: Destination::Sms(made.phone.clone()),
            from: made.full.clone(),
            id: MessageId::of(&[notice.name().as_bytes(), b"text-message"]),
            notice,
        });
    }
    Some(all)
}

/// What samples are made of.
struct Made {
    address: EmailAddress,
    phone: PhoneNumber,
    base: LinkBase,
    full: Sender,
    bare: Sender,
}

impl Made {
    fn new() -> Option<Made> {
        let base = LinkBase::new(&"https://cas.valmont.example/cas".parse().ok()?, None)?;
        let address = |text| EmailAddress::stored(text).ok();
        let bare = Sender {
            realm: RealmId::new("valmont")?,
            institution: None,
            name: "Lycée Jeanne-Barret".to_owned(),
            address: address("no-reply@barret.example")?,
            reply_to: None,
            brand: "Lycée Jeanne-Barret".to_owned(),
            reset_subject: None,
            username_subject: None,
            signature: None,
            support: Support::default(),
            theme: None,
            time_zone: "Europe/Paris".to_owned(),
            host: base.host().to_owned(),
        };
        let full = Sender {
            name: "Valmont – comptes".to_owned(),
            address: address("no-reply@valmont.example")?,
            reply_to: Some(address("comptes@valmont.example")?),
            brand: "Valmont".to_owned(),
            reset_subject: Some("Réinitialisation de votre mot de passe".to_owned()),
            username_subject: Some("Vos identifiants de Valmont".to_owned()),
            signature: Some("L’assistance numérique de Valmont-sur-Brenne".to_owned()),
            support: Support {
                name: Some("Assistance numérique".to_owned()),
                mail: Some("comptes@valmont.example".to_owned()),
                faq: Some("https://aide.valmont.example/comptes".to_owned()),
                phone: Some("+33 1 99 00 45 67".to_owned()),
            },
            ..bare.clone()
        };
        Some(Made {
            address: address("camille.dupont@courrier.example")?,
            phone: PhoneNumber::stored("+33199004567", "33").ok()?,
            base,
            full,
            bare,
        })
    }

    /// 45 symbols, as a reset token has.
    fn link(&self, door: Door) -> Option<Link> {
        self.base.link(door, &"Exemple-0".repeat(5))
    }

    fn asked(&self) -> Asked {
        Asked {
            at: SAMPLE_MOMENT,
            browser: Some(Browser {
                family: Family::Chrome,
                system: System::Android,
            }),
            by_agent: false,
        }
    }

    fn accounts(&self, count: usize) -> Option<Vec<AccountBlock>> {
        let people = [
            (
                "Camille Dupont",
                "c.dupont",
                Some("Université de Valmont-sur-Brenne"),
            ),
            ("Zoé <b>O’Neil</b>", "z.oneil", None),
        ];
        let blocks = people.into_iter().take(count).map(|(name, login, school)| {
            Some(AccountBlock {
                display_name: name.to_owned(),
                login: login.to_owned(),
                school: school.map(str::to_owned),
                link: self.link(Door::Reset)?,
                code: Secret::new("EXMP-2345".to_owned()),
            })
        });
        blocks.collect()
    }

    fn reset(&self, count: usize, besides: Vec<Aside>) -> Option<Notice> {
        Some(Notice::ResetLinks {
            accounts: self.accounts(count)?,
            besides,
            until: SAMPLE_MOMENT.plus(Duration::from_secs(86_400)),
            asked: self.asked(),
            revoke: self.link(Door::Revoke)?,
        })
    }

    fn by_agent(&self) -> Option<Notice> {
        Some(Notice::ResetLinks {
            accounts: self.accounts(1)?,
            besides: Vec::new(),
            until: SAMPLE_MOMENT.plus(Duration::from_secs(1_800)),
            asked: Asked {
                browser: None,
                by_agent: true,
                ..self.asked()
            },
            revoke: self.link(Door::Revoke)?,
        })
    }

    fn provisional(&self) -> Option<Notice> {
        Some(Notice::Provisional {
            account: self.accounts(1)?.into_iter().next()?,
            until: SAMPLE_MOMENT.plus(Duration::from_secs(86_400)),
            asked: self.asked(),
            revoke: self.link(Door::Revoke)?,
        })
    }

    fn besides(&self) -> Vec<Aside> {
        let activation = Some("https://activation.valmont.example/".to_owned());
        vec![
            Aside::NotActivated {
                login: "n.martin".to_owned(),
                activation,
            },
            Aside::Federated {
                login: "p.martin".to_owned(),
                where_to: self.where_to(),
            },
            Aside::RefusedByPolicy {
                login: "x.martin".to_owned(),
            },
        ]
    }

    fn where_to(&self) -> Vec<(String, String)> {
        vec![
            (
                "ÉduConnect".to_owned(),
                "https://educonnect.example/aide".to_owned(),
            ),
            ("Guichet".to_owned(), String::new()),
        ]
    }

    fn shared(&self, besides: Vec<Aside>) -> Option<Notice> {
        Some(Notice::SharedLink {
            link: self.link(Door::Reset)?,
            besides,
            until: SAMPLE_MOMENT.plus(Duration::from_secs(86_400)),
            asked: self.asked(),
            revoke: self.link(Door::Revoke)?,
        })
    }

    fn identifiers(&self, ways: bool) -> Option<Notice> {
        let way = if ways {
            let link = self.link(Door::Reset)?;
            Some(Way {
                link,
                code: Secret::new("EXMP-2345".to_owned()),
            })
        } else {
            None
        };
        Some(Notice::Identifiers {
            accounts: vec![
                LoginLine {
                    display_name: "Camille Dupont".to_owned(),
                    login: "c.dupont".to_owned(),
                    school: Some("Collège Rosa-Parks".to_owned()),
                    way,
                    back: if ways { None } else { Some(self.link(Door::Reset)?) },
                },
                LoginLine {
                    display_name: "Cliquez http://evil.example".to_owned(),
                    login: "l.dupont".to_owned(),
                    school: None,
                    way: None,
                    back: None,
                },
            ],
            until: ways.then(|| SAMPLE_MOMENT.plus(Duration::from_secs(86_400))),
            asked: Asked {
                browser: None,
                ..self.asked()
            },
        })
    }

    fn changed(&self, how: How) -> Option<Notice> {
        let told = how != How::Forced;
        Some(Notice::PasswordChanged {
            login: "c.dupont".to_owned(),
            when: SAMPLE_MOMENT,
            how,
            browser: told.then_some(Browser {
                family: Family::Firefox,
                system: System::Windows,
            }),
            network_prefix: told.then(|| NetworkPrefix::of([203, 0, 113, 77].into())),
            asked: matches!(how, How::Mail | How::Sms).then(|| AskedFrom {
                network: NetworkPrefix::of([198, 51, 100, 7].into()),
                at: SAMPLE_MOMENT,
            }),
            not_me: if told { Some(self.link(Door::NotMe)?) } else { None },
        })
    }

    fn confirm(&self, by_link: bool) -> Option<Notice> {
        Some(Notice::ConfirmAddress {
            login: "c.dupont".to_owned(),
            code: Secret::new("482177".to_owned()),
            link: if by_link {
                Some(self.link(Door::Confirm)?)
            } else {
                None
            },
            until: SAMPLE_MOMENT.plus(Duration::from_secs(3_600)),
        })
    }

    fn code(&self) -> Notice {
        Notice::ResetCode {
            code: Secret::new("48217730".to_owned()),
            lasts: Duration::from_secs(600),
        }
    }
}
