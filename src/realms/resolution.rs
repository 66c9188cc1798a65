//! Which institution a request is about (experience §4.2): host, path, parameter, the service's
//! only realm, the session, the only one there is; otherwise the person chooses.

use super::institution::Institution;
use super::institutions::Institutions;
use crate::base::names::{InstitutionId, RealmId};

/// What a request tells about its institution, strongest first.
#[derive(Debug, Clone, Default)]
pub struct Hints<'a> {
    pub host: Option<&'a str>,
    /// `/t/<institution>/`
    pub path: Option<&'a str>,
    /// `?tenant=`
    pub parameter: Option<&'a str>,
    /// Realms that the named service is registered for.
    pub service_realms: Option<&'a [RealmId]>,
    /// Institutions of the sessions this browser holds.
    pub sessions: &'a [InstitutionId],
    /// What the person said this browser shall always use.
    pub remembered: Option<&'a InstitutionId>,
}

/// Where the answer came from; logged, so that an operator sees why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResolvedBy {
    Host,
    Path,
    Parameter,
    Service,
    Session,
    Remembered,
    OnlyOne,
}

/// The institution, or that the person must choose one.
#[derive(Debug, Clone)]
pub enum Resolution<'a> {
    Institution(&'a Institution, ResolvedBy),
    /// The list, with a notice when the link named an institution nobody knows.
    Choose {
        unknown: bool,
    },
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
            match hint.map(|name| self.named(name)) {
                Some(Some(found)) => return Resolution::Institution(found, by),
                Some(None) => return Resolution::Choose { unknown: true },
                None => {}
            }
        }
        self.resolve_silently(hints)
    }

    fn resolve_silently(&self, hints: &Hints<'_>) -> Resolution<'_> {
        if let Some(found) = hints.service_realms.and_then(|realms| self.only_in(realms)) {
            return Resolution::Institution(found, ResolvedBy::Service);
        }
        if let [session] = hints.sessions
            && let Some(found) = self.named(session.as_str())
            && hints
                .service_realms
                .is_none_or(|realms| realms.contains(&found.realm))
        {
            return Resolution::Institution(found, ResolvedBy::Session);
        }
        let remembered = hints.remembered.and_then(|id| self.named(id.as_str()));
        let remembered = remembered.filter(|found| {
            let realms = hints.service_realms;
            found.is_usable() && realms.is_none_or(|realms| realms.contains(&found.realm))
        });
        if let Some(found) = remembered {
            return Resolution::Institution(found, ResolvedBy::Remembered);
        }
        match self.only() {
            Some(found) => Resolution::Institution(found, ResolvedBy::OnlyOne),
            None => Resolution::Choose { unknown: false },
        }
    }

    /// The institution when the realms together have exactly one.
    fn only_in(&self, realms: &[RealmId]) -> Option<&Institution> {
        let mut among = self
            .all()
            .iter()
            .filter(|institution| realms.contains(&institution.realm));
        among.next().filter(|_| among.next().is_none())
    }
}

#[cfg(test)]
mod tests {
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
}
