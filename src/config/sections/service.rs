//! `services/*.toml`: one registered application each. The file's name is the service's id.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::base::names::ThemeName;
use crate::config::section::section;
use crate::config::values::{FilePath, TextsByLanguage};
use crate::services::OneOrMore;

section! {
    /// An application that may ask who came. The name of the file is the name of the service in logs.
    ServiceFile {
        /// What people call it.
        name: TextsByLanguage => "{ fr = \"Espace de cours\", en = \"Courses\" }";
        /// Its URLs: scheme, host, path. A host may begin with *. for one label more or **. for any
        /// number; a path may end with /** for everything below it.
        urls: Vec<String> => "[\"https://moodle.univ-valmore.example/**\"]";
        /// Its URLs as regular expressions, as Apereo CAS writes them; for definitions that come from
        /// there.
        patterns: Vec<String> = "[]" => "[\"^https://moodle\\\\.univ-valmore\\\\.example/(login|cours)/.*\"]";
        /// Which service a URL is taken for when several match: the one with the smallest number, then
        /// the most specific. 0 without it.
        order: Option<i32> => "10";
        /// Says that a rule which lets in hosts of anybody is meant.
        catch_all: bool = "false";
        /// The realms whose people may go there; all without it.
        realms: Vec<String> = "[]" => "[\"valmore\"]";
        /// Whether it gets tickets at all.
        enabled: bool = "true";
        /// Whether a session opened for another application is enough; otherwise it asks for the
        /// password each time.
        sso_enabled: bool = "true";
        /// A password typed longer ago is asked for again.
        sso_max_age: Option<Duration> => "\"1 h\"";
        /// So it is after a session has not been used for this long.
        sso_max_idle: Option<Duration> => "\"30 min\"";
        /// When it opens: before, it is as good as not registered. A moment with its zone.
        opens: Option<String> => "\"2027-09-08T18:00[Europe/Paris]\"";
        /// When it closes.
        closes: Option<String> => "\"2028-07-05T00:00:00+02:00\"";
        /// Whom it is for: values of people.profile_attributes of their realm, compared without case;
        /// everybody without it.
        profiles: Vec<String> = "[]" => "[\"student\", \"National_ELV\"]";
        /// Attributes that a person must have to go there, with the values that are accepted; an empty
        /// list accepts any.
        required_attributes: BTreeMap<String, Vec<String>> = "{}" => "{ eduPersonAffiliation = [\"staff\", \"faculty\"] }";
        /// One of them is enough.
        required_any: bool = "false";
        /// Attributes that a person must not have to go there, with the values that are turned away; an
        /// empty list turns any away.
        rejected_attributes: BTreeMap<String, Vec<String>> = "{}" => "{ employeeType = [\"intern\"] }";
        /// How values of both are compared: exact, ignore-case, or pattern (regular expressions that the
        /// whole value must match).
        attribute_values: Option<String> => "\"ignore-case\"";
        /// Attributes that it learns, under their own names.
        attributes: Vec<String> = "[]" => "[\"displayName\", \"mail\"]";
        /// Attributes that it learns under another name, or several.
        renamed_attributes: BTreeMap<String, OneOrMore> = "{}" => "{ supannEtablissement = \"uai\", mail = [\"email\", \"login\"] }";
        /// Let it learn everything that is read of people to be released (people.attributes), after what
        /// is named. For applications of the same house only.
        all_attributes: bool = "false";
        /// Patterns (regular expressions) that whole values must match to go out; * stands for every
        /// attribute that is not named beside it.
        released_values: BTreeMap<String, String> = "{}" => "{ memberOf = \"cn=moodle-.*\" }";
        /// The user name that it learns: plain (the login; for one realm), scoped (login@scope),
        /// opaque (different for each service) or attribute:NAME. Plain for one realm and scoped for
        /// several without it. For applications that knew people by another server's names: anonymous,
        /// or anonymous:NAME, the persistent id of Shibboleth and Apereo, with the salt used there.
        user: Option<String> => "\"scoped\"";
        /// The file that holds that salt, readable by the server's user only.
        user_salt_file: Option<FilePath> => "\"moodle.salt\"";
        /// The environment variable that holds it.
        user_salt_env: Option<String> => "\"MEREAU_MOODLE_SALT\"";
        /// Write the user name in lower or upper case.
        user_case: Option<String> => "\"lower\"";
        /// Answers as an application of that name reads them (docs/styles.md): moodle, pronote, kne, uai,
        /// gar, nextcloud, zimbra, bluemind, esup, glpi, wordpress, koha, limesurvey or generic-edifice. It
        /// stands for settings of this file, which win where they are written.
        style: Option<String> => "\"pronote\"";
        /// Where the attributes stand in XML: attributes (in cas:attributes, as the protocol says), flat
        /// (beside cas:user) or user-attributes (in a cas:userAttributes inside).
        attributes_in: Option<String> => "\"flat\"";
        /// What it learns of an attribute with several values: repeated (each), first (the first alone),
        /// joined (one text with ; between them) or joined:, (with another separator).
        several_values: Option<String> => "\"joined\"";
        /// Attributes, by the names they are sent under, whose values stand in one element: those of
        /// "groups" in XML as <groups><group>…</group></groups>. The names end in s.
        nested_attributes: Vec<String> = "[]" => "[\"groups\"]";
        /// Its words for some values, by the name they are sent under; a value without one does not go
        /// out.
        value_codes: BTreeMap<String, BTreeMap<String, String>> = "{}" => "{ profile = { student = \"S\", staff = \"T\" } }";
        /// Attributes on /serviceValidate, too, and not only on /p3/serviceValidate; false without it,
        /// unless the style says otherwise.
        attributes_in_v2: Option<bool> => "true";
        /// In JSON, a single value stands alone and not in a list; false without it, unless the style
        /// says otherwise.
        json_scalars: Option<bool> => "true";
        /// How long its tickets wait for their validation, when it is not the realm's rule; at most 5 min.
        ticket_lifetime: Option<Duration> => "\"10 s\"";
        /// The same of tickets that portals get for it; ticket_lifetime without it.
        proxy_ticket_lifetime: Option<Duration> => "\"2 min\"";
        /// How long it may ask other applications in a person's name; as long as their session without it.
        granting_ticket_lifetime: Option<Duration> => "\"2 h\"";
        /// Where logout messages go: service (the URL of the visit), off, or a URL or several.
        logout: Option<OneOrMore> => "\"https://moodle.univ-valmore.example/logout\"";
        /// Who brings them: server, or browser for an application that this server cannot reach. A browser
        /// tells only at its own sign-out, and only applications that need no cookie for it.
        logout_by: Option<String> => "\"browser\"";
        /// Where people go who may not use it; our own page without it.
        unauthorized_redirect_url: Option<String> => "\"https://www.univ-valmore.example/acces\"";
        /// Where tickets are sent instead of the URL that asked for one, which they stay bound to.
        redirect_url: Option<String> => "\"https://portail.univ-valmore.example/retour\"";
        /// The theme of the sign-in pages of people who come from it, instead of their institution's.
        theme: Option<ThemeName> => "\"moodle\"";
        /// How a validated URL must equal the ticket's: strict, or apereo for migrations.
        matching: Option<String> => "\"strict\"";
        /// How tickets travel when the request does not say: redirect (in the address), post (a form
        /// that sends itself) or header (for programs).
        response: Option<String> => "\"post\"";
        /// For an application that portals ask in people's names and that has no web address: the names
        /// it validates tickets under, compared byte by byte.
        proxied_names: Vec<String> = "[]" => "[\"imap://mail.univ-valmore.example\"]";
        /// For a portal that asks other applications in people's names: the https URLs at which it may
        /// receive its proxy-granting tickets, written as in urls; without any it may not. A portal
        /// inside the network needs a line in outgoing.allowed, too.
        proxy_callbacks: Vec<String> = "[]" => "[\"https://portail.univ-valmore.example/pgt/**\"]";
        /// The authorities that the certificates of these callbacks must come from, PEM, instead of those of
        /// outgoing.ca_file or the system. Nobody else's callbacks are checked against them.
        proxy_callback_ca: Option<FilePath> => "\"../tls/portail-ca.pem\"";
        /// More of proxy_callbacks as regular expressions, for definitions that come from Apereo CAS.
        proxy_callback_patterns: Vec<String> = "[]" => "[\"^https://portail\\\\.univ-valmore\\\\.example/pgt.*\"]";
        /// Where its URLs name the institution of who comes from there: host (a UAI code in the host
        /// name), or parameter:NAME (an id, an alias or a UAI code).
        institution_from: Vec<String> = "[]" => "[\"host\", \"parameter:UAI\"]";
    }
}
