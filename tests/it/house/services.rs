//! The applications of the house.

use std::time::Duration;

use mereau::base::names::RealmId;
use mereau::services::{KnownRealm, Registry, ServiceSettings};

pub fn registry(settings: &[ServiceSettings]) -> Registry {
    registry_of(settings, &["campus", "lycee"])
}

pub(super) fn registry_of(settings: &[ServiceSettings], realms: &[&str]) -> Registry {
    let known = realms.iter().map(|id| KnownRealm {
        id: RealmId::new(id).unwrap(),
        has_scope: true,
        attributes: ["uid", "displayName", "mail", "eduPersonAffiliation"]
            .map(str::to_owned)
            .into(),
        profile_attributes: vec!["eduPersonAffiliation".to_owned()],
    });
    let known: Vec<KnownRealm> = known.collect();
    Registry::new(
        settings
            .iter()
            .map(|settings| settings.check(&known).unwrap())
            .collect(),
    )
    .unwrap()
}

/// A service of the campus named `id` at `https://<id>.example.org/`.
pub fn service(id: &str) -> ServiceSettings {
    ServiceSettings {
        id: id.to_owned(),
        name: [("fr".to_owned(), format!("Service {id}"))].into(),
        urls: vec![format!("https://{id}.example.org/**")],
        realms: vec!["campus".to_owned()],
        attributes: vec!["mail".into(), "displayName".into(), "eduPersonAffiliation".into()],
        ..ServiceSettings::default()
    }
}

pub fn usual_services() -> Vec<ServiceSettings> {
    vec![
        service("app"),
        service("other"),
        ServiceSettings {
            sso_enabled: false,
            ..service("strict")
        },
        ServiceSettings {
            enabled: false,
            ..service("closed")
        },
        ServiceSettings {
            required_attributes: [("eduPersonAffiliation".to_owned(), vec!["staff".to_owned()])].into(),
            ..service("staff")
        },
        ServiceSettings {
            required_attributes: [("eduPersonAffiliation".to_owned(), vec!["staff".to_owned()])].into(),
            unauthorized_redirect_url: Some("https://www.example.org/sorry".to_owned()),
            ..service("polite")
        },
        ServiceSettings {
            realms: vec!["lycee".to_owned()],
            ..service("lycee")
        },
        ServiceSettings {
            realms: vec![],
            user: Some("scoped".to_owned()),
            ..service("shared")
        },
        ServiceSettings {
            ticket_lifetime: Some(Duration::from_secs(5)),
            ..service("hasty")
        },
    ]
}
