//! `realms/*.toml`: one population of people each. The file's name is the realm's id.

use std::time::Duration;

use jiff::civil::{Date, DateTime};

use crate::base::names::{Locale, ThemeName};
use crate::config::section::{choice, section};
use crate::config::sections::delegation::DelegationSection;
use crate::config::sections::directory::{DirectorySection, PeopleSection, StatesSection};
use crate::config::sections::password::PasswordSection;
use crate::config::sections::recovery::RecoverySection;
use crate::config::sections::remember::RememberSection;
use crate::config::sections::trusted_header::TrustedHeaderSection;
use crate::realms::Texts;

section! {
    /// One population of people: its directory, its rules and its words. The name of the file is the
    /// name of the realm, and the realm's name in cookies: do not change it later.
    RealmFile {
        /// What people call it.
        name: Texts => "{ fr = \"Université de Valmoré\", en = \"University of Valmoré\" }";
        /// The suffix of scoped user names, as in camille@univ-valmore.example.
        scope: Option<String> => "\"univ-valmore.example\"";
        /// Languages offered; the first is spoken when the browser asks for none of them.
        languages: Vec<Locale> = "[\"fr\", \"en\"]";
        /// What people of this realm call their login, shown under the field.
        username_hint: Option<Texts> => "{ fr = \"Celui de l’ENT, par exemple c.dupont\" }";
        /// The name of the theme its pages wear, when it is not the server's.
        theme: Option<ThemeName> => "\"valmore\"";
        /// The IANA name of the zone its times are written and shown in, when it is not that of
        /// pages.time_zone: an overseas academy's has its own.
        time_zone: Option<String> => "\"Indian/Reunion\"";
        /// What its pages announce: maintenance, an incident.
        banner: BannerSection = "{}";
        /// How long sessions and tickets live.
        lifetimes: LifetimesSection = "{}";
        /// The box “keep me signed in on this device”.
        remember_me: RememberSection = "{}";
        /// Where its people are kept: in LDAP servers, or in a file.
        directory: DirectorySection;
        /// What an entry of the directory means.
        people: PeopleSection = "{}";
        /// What the state of an account is: the site's rules in their order, then those of the presets.
        /// The first that holds decides; when none does, the account is active.
        states: StatesSection = "{}";
        /// How its people get back in after losing a password or an identifier.
        recovery: RecoverySection = "{}";
        /// Other servers by whose word its people may sign in, in the order of their buttons.
        delegation: Vec<DelegationSection> = "[]";
        /// A proxy that knows people already.
        trusted_header: Option<TrustedHeaderSection>;
        /// What a new password must be.
        password: PasswordSection = "{}";
        /// How strangers prove that they are no machine, on the forms that anybody may send.
        captcha: CaptchaSection = "{}";
        /// Whom to ask when the machine cannot help.
        contact: ContactSection = "{}";
        /// Links that a public service must show.
        legal: LegalSection = "{}";
        /// Links of the public page, /welcome: guides, questions, what else people look for.
        guide: Vec<GuideSection> = "[]";
    }
}

choice! {
    /// For whom a guide is written.
    AudienceWord {
        /// Anybody.
        Everybody = "everybody",
        /// Pupils of schools.
        Pupils = "pupils",
        /// Their parents.
        Parents = "parents",
        /// Students of universities.
        Students = "students",
        /// Those who teach.
        Teachers = "teachers",
        /// Everybody else who works there.
        Staff = "staff",
    }
}

section! {
    /// A link of the public page, /welcome.
    GuideSection {
        /// For whom it is written; the page groups links by it.
        audience: AudienceWord = "\"everybody\"" => "\"parents\"";
        /// What the link says.
        name: Texts => "{ fr = \"Première connexion\", en = \"Signing in for the first time\" }";
        /// Where it leads, http or https.
        url: String => "\"https://assistance.univ-valmore.example/premiere-connexion\"";
    }
}

section! {
    /// What pages announce for a while: maintenance, an incident.
    BannerSection {
        /// The announcement; none without it.
        text: Option<Texts> => "{ fr = \"Travaux le 12 mars.\", en = \"Maintenance on 12 March.\" }";
        /// When it is first shown, by the clocks of the realm's time_zone.
        from: Option<DateTime> => "\"2027-03-11 08:00\"";
        /// When it is no longer shown; people are told.
        until: Option<DateTime> => "\"2027-03-12 18:30\"";
    }
}

section! {
    /// How long sessions and tickets live.
    LifetimesSection {
        /// A session unused this long ends.
        idle: Duration = "\"2 h\"";
        /// A session ends then, however much it is used.
        longest: Duration = "\"8 h\"";
        /// How long a service ticket waits for its validation; a service may have its own.
        service_ticket: Duration = "\"30 s\"";
        /// Attributes older than this are read again when an open session is used.
        record: Duration = "\"5 min\"";
    }
}

choice! {
    /// When a realm asks strangers for a CAPTCHA.
    CaptchaWord {
        /// On every form of the recovery that anybody may send.
        Always = "always",
        /// Once a network has sent more than twenty of them within an hour.
        Adaptive = "adaptive",
        /// Never: only the limits on messages hold.
        Off = "off",
    }
}

section! {
    /// How strangers prove that they are no machine: by reading a picture or hearing digits.
    CaptchaSection {
        /// When they are asked.
        mode: CaptchaWord = "\"always\"" => "\"adaptive\"";
        /// Browsers may prove themselves by computing for about a second, and their people neither
        /// read nor hear anything. Picture and sound stay for browsers that run no scripts.
        proof_of_work: bool = "false" => "true";
    }
}

section! {
    /// Whom to ask when the machine cannot help.
    ContactSection {
        /// Who answers.
        name: Option<Texts> => "{ fr = \"Assistance informatique\", en = \"IT help desk\" }";
        /// Their address.
        mail: Option<String> => "\"assistance@univ-valmore.example\"";
        /// Their telephone number.
        phone: Option<String> => "\"01 99 00 00 00\"";
        /// Their page, http or https.
        url: Option<String> => "\"https://assistance.univ-valmore.example/\"";
    }
}

choice! {
    /// How far a site meets its accessibility standard, by its own statement.
    ConformityWord {
        /// Whole.
        Full = "full",
        /// Mostly.
        Partial = "partial",
        /// Not, or nobody has looked.
        None = "none",
    }
}

section! {
    /// What a public service must tell: links, http or https, and how accessible it is.
    LegalSection {
        /// The accessibility statement; without it the server shows one at /accessibility, made of
        /// what follows and of the contact.
        accessibility: Option<String> => "\"https://www.univ-valmore.example/accessibilite\"";
        /// What that statement declares.
        conformity: ConformityWord = "\"none\"" => "\"partial\"";
        /// Percent of the criteria that an audit found met.
        conformity_rate: Option<u32> => "92";
        /// What is not accessible, for the statement.
        gaps: Option<Texts> => "{ fr = \"La carte n’a pas d’équivalent en texte.\", en = \"The map has no equivalent as text.\" }";
        /// The day of the statement.
        stated_on: Option<Date> => "\"2026-09-01\"";
        /// Who publishes this site.
        legal_notice: Option<String> => "\"https://www.univ-valmore.example/mentions-legales\"";
        /// What is done with personal data.
        privacy: Option<String> => "\"https://www.univ-valmore.example/donnees-personnelles\"";
    }
}
