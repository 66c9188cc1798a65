//! The page about all styles, for administrators: what each is for, how it is known, what it stands
//! for, and the answer that it makes of one invented person.

use std::fmt::Write as _;

use super::{PRESETS, Preset};
use crate::base::clock::Timestamp;
use crate::base::entropy::SeededEntropy;
use crate::base::keys::KeyRing;
use crate::base::names::{AccountId, PersonKey, RealmId};
use crate::protocol::response::{Outcome, ReleasedAttribute, Technical, ValidationSuccess, Wire};
use crate::services::{KnownRealm, Release, Service, ServiceSettings};

const HEAD: &str = "# Answers as applications read them

`style = \"…\"` in the file of a service stands for the settings below; whatever the service writes itself wins.
Attributes that it writes (`attributes`, `renamed_attributes`) replace those of the style. The realms must read them:
`attributes` in the `[people]` of the realm.
`mereau services styles` prints this page.

Each answer is the one for the same invented person on `/p3/serviceValidate`; it is broken into lines here and has
none in truth. No style sends an empty value (CAS-242), a name of the protocol (CAS-241), or anything before the user
(CAS-134). A value in brackets, `[a,b]`, goes out as it is; phpCAS makes a list of it. No answer in any style holds a
password or a proxy-granting ticket, encrypted or not: what Apereo calls clearPass is refused for good (CAS-247).
The form `cas:attribute name=\"…\" value=\"…\"` is not written (CAS-246). In JSON and in SAML 1.1 attributes have one place
whatever the style says; names and values are the same.
";

/// Values that the examples are made of.
const PERSON: &[(&str, &[&str])] = &[
    ("uid", &["zoe.martin"]),
    ("displayName", &["Zoé Martin"]),
    ("givenName", &["Zoé"]),
    ("sn", &["Martin"]),
    ("mail", &["zoe.martin@ecole.example"]),
    ("postalCode", &["35000"]),
    ("memberOf", &["cn=chorale,dc=example", "cn=6b,dc=example"]),
    ("eduPersonPrimaryAffiliation", &["student"]),
    ("eduPersonAffiliation", &["student", "member"]),
    ("supannEntiteAffectation", &["UFR2"]),
    ("ENTPersonStructRattachUAI", &["0350001A"]),
    ("ENTPersonStructRattachRNE", &["0350001A"]),
    ("ENTPersonProfils", &["National_ELV"]),
    ("ENTPersonDateNaissance", &["29/02/2012"]),
    ("ENTPersonGARIdentifiant", &["7f0b6c1e"]),
    ("ENTEleveMEF", &["10010012110"]),
    ("ENTEleveClasses", &["6B"]),
    ("ENTEleveGroupes", &["6 LATIN", "6 CHORALE"]),
    ("idEnt", &["E4"]),
];

/// The page, in Markdown.
pub fn sheet() -> String {
    let sections = PRESETS.iter().map(section);
    std::iter::once(HEAD.to_owned()).chain(sections).collect()
}

fn section(preset: &Preset) -> String {
    let mut out = format!(
        "\n## {}\n\n{} — {}.\n\n{}\n",
        preset.name,
        preset.application,
        preset.evidence.told(),
        preset.note
    );
    let written = written(preset);
    if !written.is_empty() {
        let _ = write!(out, "\n```toml\n{}\n```\n", written.join("\n"));
    }
    if let Some(answer) = answer(preset) {
        let _ = write!(out, "\n```xml\n{}\n```\n", answer.replace("><", ">\n<"));
    }
    out
}

/// The settings that the style stands for, as a service would write them.
fn written(preset: &Preset) -> Vec<String> {
    let mut lines = Vec::new();
    let mut text = |key: &str, value: Option<&str>| {
        lines.extend(value.map(|value| format!("{key} = {}", quoted(value))));
    };
    text("user", preset.user);
    text("user_case", preset.user_case);
    text("attributes_in", preset.attributes_in);
    text("several_values", preset.several_values);
    let some = |key: &str, on: bool| on.then(|| format!("{key} = true"));
    lines.extend(some("attributes_in_v2", preset.attributes_in_v2));
    lines.extend(some("json_scalars", preset.json_scalars));
    let list = |key: &str, names: &[&str]| {
        let names: Vec<String> = names.iter().map(|name| quoted(name)).collect();
        (!names.is_empty()).then(|| format!("{key} = [{}]", names.join(", ")))
    };
    lines.extend(list("attributes", preset.attributes));
    if !preset.renamed_attributes.is_empty() {
        let pairs = pairs(preset.renamed_attributes);
        lines.push(format!("renamed_attributes = {pairs}"));
    }
    lines.extend(list("nested_attributes", preset.nested_attributes));
    for (name, codes) in preset.value_codes {
        lines.push(format!("value_codes.{name} = {}", pairs(codes)));
    }
    lines
}

fn pairs(pairs: &[(&str, &str)]) -> String {
    let pairs = pairs
        .iter()
        .map(|(name, value)| format!("{name} = {}", quoted(value)));
    format!("{{ {} }}", pairs.collect::<Vec<_>>().join(", "))
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// The answer of a service that writes nothing but this style.
fn answer(preset: &Preset) -> Option<String> {
    let realm = RealmId::new("ecole")?;
    let known = KnownRealm {
        id: realm.clone(),
        has_scope: true,
        attributes: Vec::new(),
        profile_attributes: Vec::new(),
    };
    let settings = ServiceSettings {
        id: "example".to_owned(),
        urls: vec!["https://app.example/**".to_owned()],
        style: Some(preset.name.to_owned()),
        ..ServiceSettings::default()
    };
    let service = settings.check(&[known]).ok()?;
    let person = PersonKey("1".to_owned());
    Some(written_for(&service, &AccountId { realm, person }))
}

fn written_for(service: &Service, account: &AccountId) -> String {
    let owned = |(name, values): &(&str, &[&str])| {
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        ((*name).to_owned(), values)
    };
    let attributes: Vec<(String, Vec<String>)> = PERSON.iter().map(owned).collect();
    let release = Release {
        account,
        login: "zoe.martin",
        scope: Some("ecole.example"),
        membership: None,
        visited: "https://app.example/",
        uai: None,
        attributes: &attributes,
        keys: &KeyRing::ephemeral(&SeededEntropy::new(1)),
    };
    let released = service.release(&release).into_iter();
    let attributes = released.map(|(name, values)| ReleasedAttribute {
        nested: service.nests(&name),
        name,
        values,
    });
    let Ok(user) = service.user_for(&release) else {
        return String::new();
    };
    let success = ValidationSuccess {
        user,
        attributes: attributes.collect(),
        technical: Some(Technical {
            authenticated_at: Timestamp(1_795_000_000_000),
            remembered: false,
            from_new_login: true,
        }),
        proxy_granting_ticket: None,
        proxies: Vec::new(),
        shape: service.shape,
    };
    Outcome::Success(Box::new(success)).write(Wire::Xml).body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_in_the_documents_is_what_the_styles_say() {
        // CAS-246, CAS-247
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/styles.md");
        if std::env::var("INSTA_UPDATE").is_ok_and(|wanted| wanted == "always") {
            std::fs::write(path, sheet()).expect("the page is written");
        }
        let kept = std::fs::read_to_string(path).unwrap_or_default();
        assert!(kept == sheet(), "write docs/styles.md anew: INSTA_UPDATE=always");
    }

    #[test]
    fn every_style_shows_an_answer_with_its_user() {
        // CAS-134
        for preset in PRESETS {
            let answer = answer(preset).unwrap_or_default();
            let start = "<cas:serviceResponse xmlns:cas=\"http://www.yale.edu/tp/cas\">\
                <cas:authenticationSuccess><cas:user>";
            assert!(answer.starts_with(start), "{}: {answer}", preset.name);
        }
    }
}
