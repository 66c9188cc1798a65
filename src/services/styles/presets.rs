//! The named styles, as data: what each is for, how it is known, what it writes.

/// One named style.
#[derive(Debug)]
pub struct Preset {
    /// As in `style = "…"`.
    pub name: &'static str,
    /// The applications, as people call them.
    pub application: &'static str,
    pub evidence: Evidence,
    /// What an administrator should know before using it.
    pub note: &'static str,
    /// The keys below are those of a service's file.
    pub user: Option<&'static str>,
    pub user_case: Option<&'static str>,
    pub attributes: &'static [&'static str],
    pub renamed_attributes: &'static [(&'static str, &'static str)],
    pub value_codes: &'static [(&'static str, &'static [(&'static str, &'static str)])],
    pub attributes_in: Option<&'static str>,
    pub several_values: Option<&'static str>,
    pub nested_attributes: &'static [&'static str],
    pub attributes_in_v2: bool,
    pub json_scalars: bool,
}

/// How we know what the application reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evidence {
    /// A real one has been signed in to with it.
    SeenWith(&'static str),
    /// Read, and never tried on the application itself.
    FromDescription(&'static str),
}

const PLAIN: Preset = Preset {
    name: "",
    application: "",
    evidence: Evidence::FromDescription(""),
    note: "",
    user: None,
    user_case: None,
    attributes: &[],
    renamed_attributes: &[],
    value_codes: &[],
    attributes_in: None,
    several_values: None,
    nested_attributes: &[],
    attributes_in_v2: false,
    json_scalars: false,
};

/// The profiles of the national directories of schools (SDET) in the four categories of Pronote.
const CATEGORIES: &[(&str, &str)] = &[
    ("National_ELV", "National_1"),
    ("National_TUT", "National_2"),
    ("National_ENS", "National_3"),
    ("National_DOC", "National_4"),
    ("National_DIR", "National_4"),
    ("National_EVS", "National_4"),
    ("National_ETA", "National_4"),
    ("National_ACA", "National_4"),
    ("National_COL", "National_4"),
];

/// The same in the words of Edifice’s connectors.
const EDIFICE_PROFILES: &[(&str, &str)] = &[
    ("National_ELV", "Student"),
    ("National_TUT", "Relative"),
    ("National_ENS", "Teacher"),
    ("National_DOC", "Personnel"),
    ("National_DIR", "Personnel"),
    ("National_EVS", "Personnel"),
    ("National_ETA", "Personnel"),
    ("National_ACA", "Personnel"),
    ("National_COL", "Personnel"),
];

const PHPCAS: &str = "it reads answers with phpCAS, which our tests run; the application itself was not";

/// Every style, in the order in which they are told.
pub const PRESETS: &[Preset] = &[
    Preset {
        name: "moodle",
        application: "Moodle",
        evidence: Evidence::FromDescription(PHPCAS),
        note: "Its own CAS plugin reads the user name alone; the community’s attribute plugins stumble over \
               several values and over nested ones, so each attribute has one.",
        attributes: &["givenName", "sn", "mail"],
        several_values: Some("first"),
        attributes_in_v2: true,
        ..PLAIN
    },
    Preset {
        name: "pronote",
        application: "Pronote",
        evidence: Evidence::FromDescription("a public connector for it and the guide of its publisher"),
        note: "Good for CAS 2, CAS 3 and SAML 1.1 (/samlValidate), which some versions ask for. It knows people by \
               identity (these attributes), by the user name, or by asking twice: choose there. The date of birth \
               goes out as the directory has it and must be dd/mm/yyyy there.",
        renamed_attributes: &[
            ("ENTPersonDateNaissance", "dateNaissance"),
            ("ENTPersonProfils", "categories"),
            ("givenName", "prenom"),
            ("postalCode", "codePostal"),
            ("sn", "nom"),
        ],
        value_codes: &[("categories", CATEGORIES)],
        several_values: Some("joined"),
        attributes_in_v2: true,
        ..PLAIN
    },
    Preset {
        name: "kne",
        application: "Kiosque numérique de l’éducation",
        evidence: Evidence::FromDescription("a public connector for it"),
        note: "That connector also sends empty elements for what a person has not; we do not (CAS-242).",
        attributes: &[
            "ENTPersonStructRattachUAI",
            "ENTPersonProfils",
            "ENTEleveMEF",
            "ENTEleveClasses",
            "ENTEleveGroupes",
            "ENTAuxEnsClasses",
            "ENTAuxEnsGroupes",
            "ENTAuxEnsMEFs",
        ],
        renamed_attributes: &[("givenName", "ENTPersonPrenom"), ("sn", "ENTPersonNom")],
        attributes_in: Some("flat"),
        nested_attributes: &[
            "ENTPersonProfils",
            "ENTEleveClasses",
            "ENTEleveGroupes",
            "ENTAuxEnsClasses",
            "ENTAuxEnsGroupes",
            "ENTAuxEnsMEFs",
        ],
        attributes_in_v2: true,
        ..PLAIN
    },
    Preset {
        name: "uai",
        application: "Applications that know schools and not people",
        evidence: Evidence::FromDescription(
            "the requirement list; a public connector has it in cas:attributes",
        ),
        note: "The user name is the code of the school, the same for all its people; whoever has several is \
               refused. A public connector has the code in cas:attributes: write attributes_in = \"attributes\" there.",
        user: Some("attribute:ENTPersonStructRattachRNE"),
        attributes: &["ENTPersonStructRattachRNE"],
        attributes_in: Some("flat"),
        attributes_in_v2: true,
        ..PLAIN
    },
    Preset {
        name: "gar",
        application: "Gestionnaire d’accès aux ressources",
        evidence: Evidence::FromDescription("the names in public connectors"),
        note: "The directory must have both values; idEnt is the code that the GAR has given to the ENT.",
        user: Some("attribute:ENTPersonGARIdentifiant"),
        attributes: &["idEnt"],
        renamed_attributes: &[("ENTPersonGARIdentifiant", "GARPersonIdentifiant")],
        ..PLAIN
    },
    Preset {
        name: "nextcloud",
        application: "Nextcloud, with its CAS application",
        evidence: Evidence::FromDescription(PHPCAS),
        note: "Name there the attributes that hold the displayed name, the address and the groups.",
        attributes: &["displayName", "mail", "memberOf"],
        ..PLAIN
    },
    Preset {
        name: "zimbra",
        application: "Zimbra",
        evidence: Evidence::FromDescription("how it names its accounts"),
        note: "Accounts are addresses: whoever has several values of mail is refused.",
        user: Some("attribute:mail"),
        user_case: Some("lower"),
        ..PLAIN
    },
    Preset {
        name: "bluemind",
        application: "BlueMind",
        evidence: Evidence::FromDescription("how it names its accounts"),
        note: "Accounts are addresses: whoever has several values of mail is refused.",
        user: Some("attribute:mail"),
        user_case: Some("lower"),
        ..PLAIN
    },
    Preset {
        name: "esup",
        application: "Esup-Portail and uPortal",
        evidence: Evidence::FromDescription("the attribute lists of the SupAnn schema"),
        note: "A portal asks other applications in people’s names: it also needs proxy_callbacks.",
        attributes: &[
            "uid",
            "displayName",
            "givenName",
            "sn",
            "mail",
            "eduPersonPrimaryAffiliation",
            "eduPersonAffiliation",
            "supannEntiteAffectation",
        ],
        ..PLAIN
    },
    Preset {
        name: "glpi",
        application: "GLPI",
        evidence: Evidence::FromDescription(PHPCAS),
        note: "Name there the attributes for the surname, the first name and the address.",
        attributes: &["sn", "givenName", "mail"],
        several_values: Some("first"),
        attributes_in_v2: true,
        ..PLAIN
    },
    Preset {
        name: "wordpress",
        application: "WordPress, with one of its CAS plugins",
        evidence: Evidence::FromDescription(PHPCAS),
        note: "Plugins map an attribute to a text: each has one value.",
        attributes: &["displayName", "givenName", "sn", "mail"],
        several_values: Some("first"),
        ..PLAIN
    },
    Preset {
        name: "koha",
        application: "Koha",
        evidence: Evidence::FromDescription("its manual"),
        note: "It reads the user name alone, which must be the userid or card number of its patrons.",
        ..PLAIN
    },
    Preset {
        name: "limesurvey",
        application: "LimeSurvey, with its CAS plugin",
        evidence: Evidence::FromDescription(PHPCAS),
        note: "It makes accounts of the displayed name and the address: one of each.",
        attributes: &["displayName", "mail"],
        several_values: Some("first"),
        ..PLAIN
    },
    Preset {
        name: "generic-edifice",
        application: "Applications made for the general connector of Edifice’s ENT",
        evidence: Evidence::FromDescription("that connector, whose code is public"),
        note: "Schools with their classes as elements with attributes of their own are not written. Plugins for \
               Moodle do not read this shape.",
        attributes: &["displayName"],
        renamed_attributes: &[
            ("ENTPersonDateNaissance", "birthDate"),
            ("ENTPersonProfils", "profile"),
            ("givenName", "firstName"),
            ("mail", "email"),
            ("sn", "lastName"),
            ("uid", "login"),
        ],
        value_codes: &[("profile", EDIFICE_PROFILES)],
        attributes_in: Some("user-attributes"),
        several_values: Some("first"),
        attributes_in_v2: true,
        json_scalars: true,
        ..PLAIN
    },
];

impl Evidence {
    /// As it is told to administrators.
    pub fn told(self) -> String {
        match self {
            Evidence::SeenWith(what) => format!("seen with the application: {what}"),
            Evidence::FromDescription(what) => format!("from its description: {what}"),
        }
    }
}
