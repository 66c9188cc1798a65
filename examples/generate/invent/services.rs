//! Applications as `services/*.toml` has them, of every sort that sites register: for one realm and for
//! several, by rule of host or path, with attributes under their own and other names.

use std::fmt::Write as _;

/// Realms that the invented people are in.
pub const REALMS: [&str; 2] = ["generated", "ad"];

/// Name, how it is called, and more lines of its file; `ID` there is its name and number.
const KINDS: [(&str, &str, &str); 12] = [
    (
        "cours",
        "Espace de cours",
        "attributes = [\"displayName\", \"mail\", \"eduPersonAffiliation\"]",
    ),
    (
        "notes",
        "Cahier de textes",
        "institution_from = [\"host\", \"parameter:UAI\"]\nattributes = [\"displayName\"]",
    ),
    (
        "mail",
        "Messagerie",
        "user = \"plain\"\nproxied_names = [\"imap://ID.generated.example\"]",
    ),
    (
        "nuage",
        "Nuage",
        "user = \"scoped\"\nattributes = [\"displayName\", \"mail\"]",
    ),
    ("sondages", "Sondages", "user = \"opaque\""),
    (
        "bibliotheque",
        "Bibliothèque",
        "renamed_attributes = { supannEtablissement = \"uai\", displayName = \"nom\" }",
    ),
    (
        "personnel",
        "Dossier du personnel",
        "required_attributes = { eduPersonAffiliation = [\"staff\", \"faculty\"] }\nsso_enabled = false",
    ),
    (
        "portail",
        "Portail",
        "proxy_callbacks = [\"https://ID.generated.example/pgt/**\"]\nattributes_in_v2 = true",
    ),
    ("ancien", "Ancien intranet", "enabled = false"),
    (
        "lent",
        "Application lente",
        "ticket_lifetime = \"2 min\"\nlogout = \"off\"",
    ),
    (
        "scolarite",
        "Scolarité",
        "user = \"attribute:mail\"\nuser_case = \"lower\"",
    ),
    (
        "annuaire",
        "Annuaire",
        "json_scalars = true\nattributes = [\"displayName\", \"mail\", \"mobile\"]",
    ),
];

/// `count` files: the name and what stands in it. Each is for one realm in turn, but where its user
/// name may be told to both.
pub fn files(count: usize) -> impl Iterator<Item = (String, String)> {
    (0..count).map(|at| {
        let (kind, name, more) = KINDS[at % KINDS.len()];
        let round = at / KINDS.len();
        let id = if round == 0 {
            kind.to_owned()
        } else {
            format!("{kind}-{round}")
        };
        let url = match kind {
            "notes" => format!("https://*.{id}.generated.example/**"),
            _ => format!("https://{id}.generated.example/**"),
        };
        let mut text = format!("name = \"{name}\"\nurls = [\"{url}\"]\n");
        if !more.contains("\"scoped\"") && !more.contains("\"opaque\"") {
            let _ = writeln!(text, "realms = [\"{}\"]", REALMS[round % REALMS.len()]);
        }
        text += &more.replace("ID", &id);
        text.push('\n');
        (id, text)
    })
}
