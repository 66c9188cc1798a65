//! `institutions.toml`: what people pick.

use crate::base::names::{InstitutionId, RealmId};
use crate::config::section::section;
use crate::config::sections::ContactSection;
use crate::realms::Texts;

section! {
    /// What people pick: schools, universities, offices. A realm that no institution names has one of
    /// its own, with the realm's id and name; where that is enough, this file is not needed.
    InstitutionsFile {
        /// One per institution.
        institution: Vec<InstitutionSection> = "[]";
    }
}

section! {
    /// An institution.
    InstitutionSection {
        /// Its name in links: /t/college-rosa-parks/.
        id: InstitutionId => "\"college-rosa-parks\"";
        /// The realm whose people it has.
        realm: RealmId => "\"example\"";
        /// What people call it.
        name: Texts => "\"Collège Rosa-Parks\"";
        /// Where it is.
        town: Option<String> => "\"Valmoré\"";
        /// Host names under which only this institution is served.
        hosts: Vec<String> = "[]" => "[\"cas.college-rosa-parks.example\"]";
        /// Other names that links use in ?tenant=.
        aliases: Vec<String> = "[]" => "[\"0999999X\"]";
        /// Shown in the list; a hidden one is reached by its link only.
        listed: bool = "true";
        /// Whom to ask, when it is not the realm's contact.
        contact: ContactSection = "{}";
    }
}
