//! The folder of themes, and the zone of shown times.

use crate::base::names::ThemeName;
use crate::config::files::Written;
use crate::config::problem::Problems;
use crate::config::sections::PagesSection;
use crate::config::settings::PagesSettings;
use crate::config::source::{At, Place};

pub fn build(section: &PagesSection, problems: &mut Problems) -> PagesSettings {
    let folder = section.themes.value.as_ref().map(|folder| folder.0.clone());
    if let Some(folder) = folder.as_ref().filter(|folder| !folder.is_dir()) {
        problems.add(
            &section.themes.place,
            format!("there is no folder {}", folder.display()),
            "the folder that holds a folder for each theme",
        );
    }
    check_zone(&section.time_zone, &section.time_zone.place, problems);
    let settings = PagesSettings {
        themes: folder,
        theme: section.theme.value.clone(),
        host_realm: section.host_realm.value.clone(),
        time_zone: section.time_zone.value.clone(),
    };
    check_theme(&section.theme, &settings, problems);
    settings
}

/// Whether there is such a zone.
pub fn check_zone(zone: &str, place: &Place, problems: &mut Problems) {
    if jiff::tz::TimeZone::get(zone).is_err() {
        problems.add(
            place,
            "this zone is not known",
            "an IANA name, as \"Europe/Paris\" or \"Indian/Reunion\"",
        );
    }
}

/// The themes that applications, realms and institutions choose.
pub fn check_choices(written: &Written, pages: &PagesSettings, problems: &mut Problems) {
    for service in written.services.iter().filter_map(|file| file.content.as_ref()) {
        check_theme(&service.theme, pages, problems);
    }
    for realm in written.realms.iter().filter_map(|file| file.content.as_ref()) {
        check_theme(&realm.theme, pages, problems);
    }
    if let (Some(realm), Some(file)) = (&pages.host_realm, &written.server)
        && !written.realms.iter().any(|file| file.name == realm.as_str())
    {
        problems.add(
            &file.pages.host_realm.place,
            "there is no realm of this name",
            "the name of a file in realms/ without .toml",
        );
    }
    if let Some(file) = &written.institutions {
        let groups = file.group.iter().map(|group| &group.theme);
        let institutions = file.institution.iter().map(|institution| &institution.theme);
        for theme in groups.chain(institutions) {
            check_theme(theme, pages, problems);
        }
    }
}

/// A theme that is chosen must be a folder; what is in it is looked at when it is read.
fn check_theme(theme: &At<Option<ThemeName>>, pages: &PagesSettings, problems: &mut Problems) {
    let Some(name) = theme
        .value
        .as_ref()
        .filter(|name| name.as_str() != crate::pages::DEFAULT)
    else {
        return;
    };
    match &pages.themes {
        None => problems.add(
            &theme.place,
            "a theme is chosen, but no folder of themes is named",
            "themes = \"themes\" under [pages] of the server's file",
        ),
        Some(folder) if folder.is_dir() && !folder.join(name.as_str()).is_dir() => problems.add(
            &theme.place,
            format!("there is no folder {}", folder.join(name.as_str()).display()),
            "the name of a folder of pages.themes",
        ),
        Some(_) => {}
    }
}
