//! `institutions.toml`: what people pick.

use crate::base::names::{InstitutionId, Locale, RealmId, ThemeName};
use crate::base::uai::Uai;
use crate::config::section::{choice, section};
use crate::config::sections::{BannerSection, ContactSection, SenderSection};
use crate::config::values::{Degrees, FilePath};
use crate::realms::Texts;

section! {
    /// What people pick: schools, universities, offices. A realm that no institution names has one of
    /// its own, with the realm's id and name; where that is enough, this file is not needed.
    InstitutionsFile {
        /// One per group of institutions, as an academy: what they have in common.
        group: Vec<GroupSection> = "[]";
        /// One per institution.
        institution: Vec<InstitutionSection> = "[]";
    }
}

choice! {
    /// What sort of place an institution is.
    KindWord {
        /// Nursery and primary schools.
        School = "school",
        /// Collège.
        College = "college",
        /// Lycée.
        Lycee = "lycee",
        /// Universities and what teaches like them.
        University = "university",
        /// A centre for apprentices.
        Cfa = "cfa",
        /// Anything else.
        Other = "other",
    }
}

choice! {
    /// Who is shown an institution.
    StateWord {
        /// Everybody.
        Open = "open",
        /// Those whose link names it.
        Hidden = "hidden",
        /// As hidden, and marked as a test.
        Test = "test",
        /// Nobody; its links say that it is closed.
        Closed = "closed",
    }
}

section! {
    /// What institutions of a group have in common, where they say nothing of their own.
    GroupSection {
        /// The name institutions call it by.
        id: InstitutionId => "\"academie-valmore\"";
        /// Whom to ask, when it is not the realm's contact.
        contact: ContactSection = "{}";
        /// Who writes its letters, line by line where that is not the realm's sender.
        sender: SenderSection = "{}";
        /// Languages offered, when they are not the realm's.
        languages: Option<Vec<Locale>> => "[\"fr\", \"en\"]";
        /// The name of the theme its pages wear.
        theme: Option<ThemeName> => "\"academie-valmore\"";
        /// What its pages announce.
        banner: BannerSection = "{}";
        /// A picture of at most 10 kB beside this file: PNG, or SVG of plain shapes. It stands on the
        /// pages of these institutions and beside their names in lists.
        logo: Option<FilePath> => "\"logos/academie-valmore.svg\"";
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
        /// Acronyms and what people say for short.
        short_names: Vec<String> = "[]" => "[\"Rosa-Parks\"]";
        /// Further words to find it by, as former names.
        keywords: Vec<String> = "[]" => "[\"annexe du Moulin\"]";
        /// What sort of place it is.
        kind: KindWord = "\"other\"" => "\"college\"";
        /// Whether it is shown and used: open; hidden and test are reached by a link that names them
        /// only, and a test says so on its pages; closed answers that it is closed and whom to ask.
        state: StateWord = "\"open\"" => "\"hidden\"";
        /// Its UAI codes, its own first.
        uai: Vec<Uai> = "[]" => "[\"0999999C\"]";
        /// Its SIRET number.
        siret: Option<String> => "\"21990001500018\"";
        /// Where it is.
        town: Option<String> => "\"Valmoré\"";
        /// Its postcode.
        postcode: Option<String> => "\"99120\"";
        /// Its département by code, when the UAI code or the postcode does not tell it.
        departement: Option<String> => "\"2A\"";
        /// Its académie.
        academy: Option<String> => "\"Valmoré\"";
        /// Where it is, in degrees, north positive.
        latitude: Option<Degrees> => "48.1173";
        /// Where it is, in degrees, east positive.
        longitude: Option<Degrees> => "-1.6778";
        /// What follows the @ in its people's addresses.
        mail_domains: Vec<String> = "[]" => "[\"college-rosa-parks.example\"]";
        /// Host names under which only this institution is served; *. at the start of one stands for
        /// any labels.
        hosts: Vec<String> = "[]" => "[\"cas.college-rosa-parks.example\"]";
        /// Other names that links use in ?tenant=.
        aliases: Vec<String> = "[]" => "[\"rosa-parks\"]";
        /// The group it belongs to.
        group: Option<InstitutionId> => "\"academie-valmore\"";
        /// Whom to ask, when it is not the group's or the realm's contact.
        contact: ContactSection = "{}";
        /// Who writes its letters, line by line where that is not the group's or the realm's sender.
        sender: SenderSection = "{}";
        /// Languages offered, when they are not the group's or the realm's.
        languages: Option<Vec<Locale>> => "[\"fr\", \"en\"]";
        /// The name of the theme its pages wear.
        theme: Option<ThemeName> => "\"college-rosa-parks\"";
        /// What its pages announce.
        banner: BannerSection = "{}";
        /// A picture of at most 10 kB beside this file, when it is not the group's: PNG, or SVG of plain
        /// shapes.
        logo: Option<FilePath> => "\"logos/college-rosa-parks.png\"";
    }
}
