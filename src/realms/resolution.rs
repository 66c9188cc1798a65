//! Which institution a request is about (experience §4.2): host, path, parameter, what the service's
//! URL or registration says, the sessions, what the person chose for good, an e-mail address, the only
//! one there is; otherwise the person chooses.

use super::institution::Institution;
use super::institutions::Institutions;
use crate::base::names::{InstitutionId, RealmId};
use crate::base::uai::Uai;

/// What a request tells about its institution, strongest first.
#[derive(Debug, Clone, Default)]
pub struct Hints<'a> {
    pub host: Option<&'a str>,
    /// `/t/<institution>/`
    pub path: Option<&'a str>,
    /// `?tenant=`, or a parameter configured to mean the same.
    pub parameter: Option<&'a str>,
    /// What the URL of the named service says, where its registration tells to look at it.
    pub service_names: Option<&'a str>,
    /// Realms that the named service is registered for.
    pub service_realms: Option<&'a [RealmId]>,
    /// Institutions of the sessions this browser holds.
    pub sessions: &'a [InstitutionId],
    /// What the person said this browser shall always use.
    pub remembered: Option<&'a InstitutionId>,
    /// What follows the @ of an address that was typed.
    pub mail_domain: Option<&'a str>,
}

/// Where the answer came from; logged, so that an operator sees why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResolvedBy {
    Host,
    Path,
    Parameter,
    /// The URL of the service names it.
    ServiceUrl,
    /// It is the only one of the service's realms.
    Service,
    Session,
    Remembered,
    MailDomain,
    OnlyOne,
}

impl ResolvedBy {
    /// Nothing in the address of the page says so, not even its service: the address is to be given it.
    pub fn is_silent(self) -> bool {
        matches!(
            self,
            ResolvedBy::Session | ResolvedBy::Remembered | ResolvedBy::MailDomain
        )
    }
}

/// The institution, or that the person must choose one.
#[derive(Debug, Clone)]
pub enum Resolution<'a> {
    /// One that is named may be closed; one that is found otherwise is not.
    Institution(&'a Institution, ResolvedBy),
    /// Several sessions of this browser may use the service.
    Accounts,
    /// The list, with a notice when the link named an institution nobody knows.
    Choose { unknown: bool },
}

impl Institutions {
    /// A hint never grants access: it only says which sign-in page to show.
    pub fn resolve(&self, hints: &Hints<'_>) -> Resolution<'_> {
        if let Some(found) = hints.host.and_then(|host| self.at_host(host)) {
            return Resolution::Institution(found, ResolvedBy::Host);
        }
        for (hint, by) in [
            (hints.path, ResolvedBy::Path),
            (hints.parameter, ResolvedBy::Parameter),
        ] {
            let Some(name) = hint else { continue };
            return match self.meant(name, hints) {
                Meant::One(found) => Resolution::Institution(found, by),
                Meant::Several => Resolution::Choose { unknown: false },
                Meant::Nobody => Resolution::Choose { unknown: true },
            };
        }
        self.resolve_silently(hints)
    }

    /// The institution that a weaker hint of the address names instead of `found`: the person may
    /// have meant that one.
    pub fn rival(&self, found: &Institution, by: ResolvedBy, hints: &Hints<'_>) -> Option<&Institution> {
        let weaker = match by {
            ResolvedBy::Host => [hints.path, hints.parameter],
            ResolvedBy::Path => [hints.parameter, None],
            _ => [None, None],
        };
        let named = weaker.into_iter().flatten();
        let mut named = named.filter_map(|name| match self.meant(name, hints) {
            Meant::One(other) => Some(other),
            Meant::Several | Meant::Nobody => None,
        });
        named.find(|other| other.id != found.id && other.is_usable())
    }

    /// The open institution whose people alone have addresses at `domain`.
    pub fn only_with_mail_domain(&self, domain: &str) -> Option<&Institution> {
        only(self.with_mail_domain(domain).filter(|found| found.is_listed()))
    }

    fn resolve_silently(&self, hints: &Hints<'_>) -> Resolution<'_> {
        let fits = |found: &&Institution| found.is_usable() && hints.admit(found);
        if let Some(Meant::One(found)) = hints.service_names.map(|name| self.meant(name, hints))
            && fits(&found)
        {
            return Resolution::Institution(found, ResolvedBy::ServiceUrl);
        }
        if let Some(found) = hints.service_realms.and_then(|realms| self.only_in(realms)) {
            return Resolution::Institution(found, ResolvedBy::Service);
        }
        let sessions = hints.sessions.iter().filter_map(|id| self.named(id.as_str()));
        let sessions: Vec<&Institution> = sessions.filter(fits).collect();
        match sessions.as_slice() {
            [] => {}
            [found] => return Resolution::Institution(found, ResolvedBy::Session),
            _ => return Resolution::Accounts,
        }
        let remembered = hints.remembered.and_then(|id| self.named(id.as_str()));
        if let Some(found) = remembered.filter(fits) {
            return Resolution::Institution(found, ResolvedBy::Remembered);
        }
        let domain = hints.mail_domain.unwrap_or_default();
        if let Some(found) = only(self.with_mail_domain(domain).filter(fits)) {
            return Resolution::Institution(found, ResolvedBy::MailDomain);
        }
        match self.only() {
            Some(found) => Resolution::Institution(found, ResolvedBy::OnlyOne),
            None => Resolution::Choose { unknown: false },
        }
    }

    /// Whom a name of a link means: an id, an alias, or a UAI code that some share.
    fn meant(&self, name: &str, hints: &Hints<'_>) -> Meant<'_> {
        if let Some(found) = self.named(name) {
            return Meant::One(found);
        }
        let Some(code) = Uai::new(name) else {
            return Meant::Nobody;
        };
        let mut all = self.with_uai(code);
        match (all.next(), all.next()) {
            (None, _) => Meant::Nobody,
            (Some(found), None) => Meant::One(found),
            // Of a school's gates for pupils and for staff, only one may be open to the service.
            _ => match only(self.with_uai(code).filter(|found| hints.admit(found))) {
                Some(found) => Meant::One(found),
                None => Meant::Several,
            },
        }
    }

    /// The institution when the realms together have exactly one that people may use.
    fn only_in(&self, realms: &[RealmId]) -> Option<&Institution> {
        let all = self.all().iter();
        only(all.filter(|institution| institution.is_usable() && realms.contains(&institution.realm)))
    }
}

impl Hints<'_> {
    /// Whether people of this institution may use the service, if one is named.
    fn admit(&self, institution: &Institution) -> bool {
        self.service_realms
            .is_none_or(|realms| realms.contains(&institution.realm))
    }
}

enum Meant<'a> {
    One(&'a Institution),
    Several,
    Nobody,
}

fn only<'a>(mut found: impl Iterator<Item = &'a Institution>) -> Option<&'a Institution> {
    found.next().filter(|_| found.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::super::institution::InstitutionState;
    use super::super::realm::Texts;
    use super::*;

    fn list() -> Institutions {
        let one = |id: &str, realm: &str, host: &[&str]| Institution {
            hosts: host.iter().map(|host| Box::from(*host)).collect(),
            ..Institution::new(
                InstitutionId::new(id).expect("a slug"),
                RealmId::new(realm).expect("a slug"),
                Texts::same(id),
            )
        };
        let all = vec![
            one("u", "univ", &["cas.u.fr"]),
            one("c1", "ent", &[]),
            one("c2", "ent", &[]),
        ];
        Institutions::new(all).expect("clean")
    }

    fn name(resolution: Resolution<'_>) -> String {
        match resolution {
            Resolution::Institution(found, by) => format!("{} by {by:?}", found.id),
            Resolution::Accounts => "choose an account".to_owned(),
            Resolution::Choose { unknown } => format!("choose, unknown: {unknown}"),
        }
    }

    #[test]
    fn the_strongest_hint_decides() {
        let list = list();
        let all = Hints {
            host: Some("cas.u.fr"),
            path: Some("c1"),
            parameter: Some("c2"),
            ..Hints::default()
        };
        assert_eq!(name(list.resolve(&all)), "u by Host");
        let path = Hints {
            host: Some("elsewhere"),
            path: Some("c1"),
            parameter: Some("c2"),
            ..Hints::default()
        };
        assert_eq!(name(list.resolve(&path)), "c1 by Path");
        assert_eq!(
            name(list.resolve(&Hints {
                parameter: Some("C2"),
                ..Hints::default()
            })),
            "c2 by Parameter"
        );
        let unknown = Hints {
            parameter: Some("zz"),
            ..Hints::default()
        };
        assert_eq!(name(list.resolve(&unknown)), "choose, unknown: true");
        assert_eq!(name(list.resolve(&Hints::default())), "choose, unknown: false");
    }

    #[test]
    fn a_service_of_one_realm_with_one_institution_needs_no_choice() {
        let list = list();
        let (univ, ent) = (
            RealmId::new("univ").expect("slug"),
            RealmId::new("ent").expect("slug"),
        );
        let only = [univ.clone()];
        let hints = Hints {
            service_realms: Some(&only),
            ..Hints::default()
        };
        assert_eq!(name(list.resolve(&hints)), "u by Service");
        let several = [ent.clone()];
        let sessions = [InstitutionId::new("c2").expect("slug")];
        let hints = Hints {
            service_realms: Some(&several),
            sessions: &sessions,
            ..Hints::default()
        };
        assert_eq!(name(list.resolve(&hints)), "c2 by Session");
        let foreign = Hints {
            service_realms: Some(&several),
            ..Hints::default()
        };
        assert_eq!(name(list.resolve(&foreign)), "choose, unknown: false");
    }

    fn slug<T>(new: fn(&str) -> Option<T>, text: &str) -> T {
        new(text).expect("a slug")
    }

    /// A university, two schools of a network, and a school with two gates under one code.
    fn network() -> Institutions {
        let mut all = list().all().to_vec();
        all[1].uai = [Uai::new("0911028Y").expect("a code")].into();
        all[2].mail_domains = ["c2.fr".into()].into();
        for (id, realm) in [("pupils", "ent"), ("staff", "univ")] {
            let (id, realm) = (slug(InstitutionId::new, id), slug(RealmId::new, realm));
            let mut gate = Institution::new(id, realm, Texts::same("gate"));
            gate.uai = [Uai::new("0751717J").expect("a code")].into();
            gate.mail_domains = ["gate.fr".into()].into();
            all.push(gate);
        }
        Institutions::new(all).expect("clean")
    }

    #[test]
    fn a_uai_code_names_an_institution_wherever_a_name_does() {
        let list = network();
        let by = |hints: &Hints<'_>| name(list.resolve(hints));
        let parameter = |code| Hints {
            parameter: Some(code),
            ..Hints::default()
        };
        assert_eq!(by(&parameter("0911028y")), "c1 by Parameter");
        assert_eq!(by(&parameter("0911029Y")), "choose, unknown: true");
        // Two gates: the service decides, or the person.
        assert_eq!(by(&parameter("0751717J")), "choose, unknown: false");
        let realms = [slug(RealmId::new, "ent")];
        let for_pupils = Hints {
            service_realms: Some(&realms),
            ..parameter("0751717J")
        };
        assert_eq!(by(&for_pupils), "pupils by Parameter");
        let in_service = Hints {
            service_names: Some("0911028Y"),
            service_realms: Some(&realms),
            ..Hints::default()
        };
        assert_eq!(by(&in_service), "c1 by ServiceUrl");
        // What a service's URL says is no reason for a notice.
        let nonsense = Hints {
            service_names: Some("www"),
            ..Hints::default()
        };
        assert_eq!(by(&nonsense), "choose, unknown: false");
    }

    #[test]
    fn sessions_go_before_what_is_remembered_and_that_before_an_address() {
        let list = network();
        let by = |hints: &Hints<'_>| name(list.resolve(hints));
        let [c1, c2, u] = ["c1", "c2", "u"].map(|id| slug(InstitutionId::new, id));
        let sessions = [u.clone(), c1.clone()];
        let remembered = Hints {
            remembered: Some(&c1),
            mail_domain: Some("C2.fr"),
            ..Hints::default()
        };
        let one = Hints {
            sessions: &sessions[..1],
            ..remembered.clone()
        };
        let two = Hints {
            sessions: &sessions,
            ..remembered.clone()
        };
        assert_eq!(by(&two), "choose an account");
        assert_eq!(by(&one), "u by Session");
        assert_eq!(by(&remembered), "c1 by Remembered");
        let address = |domain| Hints {
            mail_domain: Some(domain),
            ..Hints::default()
        };
        assert_eq!(by(&address("C2.fr")), "c2 by MailDomain");
        assert_eq!(by(&address("gate.fr")), "choose, unknown: false");
        // The realms of a service leave one of two sessions.
        let realms = [slug(RealmId::new, "ent")];
        let for_schools = Hints {
            service_realms: Some(&realms),
            ..two
        };
        assert_eq!(by(&for_schools), "c1 by Session");
        let elsewhere = Hints {
            remembered: Some(&u),
            service_realms: Some(&realms),
            ..Hints::default()
        };
        assert_eq!(by(&elsewhere), "choose, unknown: false");
        assert_ne!(c1, c2);
    }

    #[test]
    fn a_closed_institution_is_found_by_its_link_only() {
        let mut all = network().all().to_vec();
        all[2].state = InstitutionState::Closed;
        let list = Institutions::new(all).expect("clean");
        let c2 = [slug(InstitutionId::new, "c2")];
        let silent = Hints {
            remembered: Some(&c2[0]),
            sessions: &c2,
            mail_domain: Some("c2.fr"),
            ..Hints::default()
        };
        assert_eq!(name(list.resolve(&silent)), "choose, unknown: false");
        let link = Hints {
            path: Some("c2"),
            ..silent
        };
        assert_eq!(name(list.resolve(&link)), "c2 by Path");
    }

    #[test]
    fn a_weaker_hint_that_names_another_is_its_rival() {
        let list = network();
        let rival = |hints: &Hints<'_>| match list.resolve(hints) {
            Resolution::Institution(found, by) => {
                let rival = list.rival(found, by, hints);
                rival.map(|rival| rival.id.to_string())
            }
            _ => panic!("an institution"),
        };
        let hints = Hints {
            host: Some("cas.u.fr"),
            parameter: Some("c1"),
            ..Hints::default()
        };
        assert_eq!(rival(&hints), Some("c1".into()));
        let same = Hints {
            parameter: Some("u"),
            ..hints.clone()
        };
        assert_eq!(rival(&same), None);
        let unknown = Hints {
            parameter: Some("zz"),
            ..hints.clone()
        };
        assert_eq!(rival(&unknown), None);
        let path = Hints {
            host: None,
            path: Some("c2"),
            ..hints
        };
        assert_eq!(rival(&path), Some("c1".into()));
    }
}
