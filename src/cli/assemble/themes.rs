//! The themes that a configuration asks for, and those of them that cannot be shown.

use anyhow::Context;

use crate::app::App;
use crate::cli::findings::{Finding, codes};
use crate::config::{PagesSettings, RealmSettings, Settings};
use crate::pages::Themes;
use crate::realms::Institutions;
use crate::services::Registry;

/// The themes that somebody chooses, each once.
pub fn read(
    settings: &PagesSettings,
    realms: &[RealmSettings],
    institutions: &Institutions,
    services: &Registry,
) -> anyhow::Result<Themes> {
    let own = institutions.all().iter().filter_map(|one| one.own.as_ref());
    let of_realms = realms.iter().filter_map(|realm| realm.realm.theme.as_ref());
    let of_services = services.all().iter().filter_map(|service| service.theme.as_ref());
    let wanted = own
        .filter_map(|own| own.theme.as_ref())
        .chain(of_realms)
        .chain(of_services);
    Themes::read(settings.themes.as_deref(), settings.theme.as_ref(), wanted)
        .context("the built-in theme cannot be used")
}

/// For `doctor`: the themes that people should see and do not.
pub fn findings(settings: &Settings) -> Vec<Finding> {
    let read = read(
        &settings.pages,
        &settings.realms,
        &settings.institutions,
        &settings.services,
    );
    let themes = match read {
        Ok(themes) => themes,
        Err(error) => {
            return vec![Finding::of(
                &codes::THEMES_UNUSABLE,
                "themes",
                format!("{error:#}"),
                "install it again",
            )];
        }
    };
    let broken = themes.broken().iter();
    broken
        .map(|broken| {
            let about = format!("theme {}", broken.theme);
            let fact = format!("{}; {} is shown instead", broken.problem, broken.shown);
            Finding::of(
                &codes::THEME_BROKEN,
                &about,
                fact,
                "mereau theme check tells more",
            )
        })
        .collect()
}

/// Languages that a realm lists and its theme does not speak: people would not be offered them.
pub fn unspoken(app: &App) -> Vec<String> {
    let themes = app.themes();
    let mut lines = Vec::new();
    for realm in app.catalogue().realms.values() {
        let spoken = themes.of(realm.theme.as_ref()).languages();
        let listed = realm.languages.iter();
        for language in listed.filter(|language| !spoken.contains(language)) {
            let tag = language.as_str();
            lines.push(format!(
                "realm {}: languages: its theme has no whole texts/{tag}.ftl; leave “{tag}” out, or add the file",
                realm.id
            ));
        }
    }
    lines.sort();
    lines
}
