//! Theme folders and the zone of shown times.

use crate::config::problem::Problems;
use crate::config::sections::PagesSection;
use crate::config::settings::PagesSettings;

pub fn build(section: &PagesSection, problems: &mut Problems) -> PagesSettings {
    for folder in section.themes.iter() {
        if !folder.0.is_dir() {
            problems.add(
                &section.themes.place,
                format!("there is no folder {}", folder.0.display()),
                "folders with a theme.toml, pages/, texts/ …",
            );
        }
    }
    let zone = &section.time_zone;
    if jiff::tz::TimeZone::get(zone).is_err() {
        problems.add(
            &zone.place,
            "this zone is not known",
            "an IANA name, as \"Europe/Paris\"",
        );
    }
    PagesSettings {
        themes: section.themes.iter().map(|folder| folder.0.clone()).collect(),
        time_zone: zone.value.clone(),
    }
}
