//! What a service learns, in every style and by every way of validating: the same names and values
//! wherever they stand, and never more than its registration says.

use std::collections::BTreeSet;

use mereau::services::ServiceSettings;
use mereau::services::styles::PRESETS;

use crate::house::{APP, CAMILLE, House, house_of, login_path, service};
use crate::saml::{ask, asking};
use crate::validation::path;

type Told = BTreeSet<(String, String)>;

/// What every answer of the protocol has beside the attributes.
const OWN: [&str; 4] = [
    "user",
    "authenticationDate",
    "longTermAuthenticationRequestTokenUsed",
    "isFromNewLogin",
];

async fn answer(house: &House, url: &str, endpoint: &str, more: &str) -> String {
    let ticket = house.browser().sign_in(&login_path(url), CAMILLE).await.ticket();
    house.get_text(&path(endpoint, url, &ticket, more)).await
}

async fn assertion(house: &House, url: &str) -> String {
    let ticket = house.browser().sign_in(&login_path(url), CAMILLE).await.ticket();
    ask(house, url, &asking(&ticket)).await
}

/// Each element of the answer that holds text: its name and the text.
fn leaves(xml: &str) -> Vec<(String, String)> {
    let tags = xml.split("<cas:").skip(1);
    let leaves = tags.filter_map(|tag| {
        let (name, rest) = tag.split_once('>')?;
        let (text, _) = rest.split_once(&format!("</cas:{name}>"))?;
        Some((name.to_owned(), text.to_owned()))
    });
    leaves.collect()
}

fn told_in_xml(xml: &str) -> Told {
    let mut told: Told = leaves(xml).into_iter().collect();
    told.retain(|(name, _)| !OWN.contains(&name.as_str()));
    told
}

fn told_in_json(json: &str) -> Told {
    let body: serde_json::Value = serde_json::from_str(json).unwrap();
    let attributes = &body["serviceResponse"]["authenticationSuccess"]["attributes"];
    let mut told = Told::new();
    for (name, values) in attributes.as_object().into_iter().flatten() {
        let one = [values.clone()];
        for value in values.as_array().map_or(&one[..], Vec::as_slice) {
            if !OWN.contains(&name.as_str()) {
                told.insert((name.clone(), value.as_str().unwrap().to_owned()));
            }
        }
    }
    told
}

fn told_in_saml(saml: &str) -> Told {
    let mut told = Told::new();
    for attribute in saml.split("<Attribute AttributeName=\"").skip(1) {
        let (name, rest) = attribute.split_once('"').unwrap();
        let (values, _) = rest.split_once("</Attribute>").unwrap();
        for value in values.split("<AttributeValue>").skip(1) {
            let (value, _) = value.split_once("</AttributeValue>").unwrap();
            told.insert((name.to_owned(), value.to_owned()));
        }
    }
    told
}

fn pairs(expected: &[(&str, &str)]) -> Told {
    let pairs = expected
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    pairs.collect()
}

/// A registration and what Camille's answer tells by it.
type Policy = (fn(&mut ServiceSettings), &'static [(&'static str, &'static str)]);

const POLICIES: &[Policy] = &[
    (|_| {}, &[]),
    (
        |s| s.attributes = vec!["mail".into(), "eduPersonAffiliation".into(), "absent".into()],
        &[
            ("mail", "camille.dupont@campus.example"),
            ("eduPersonAffiliation", "student"),
            ("eduPersonAffiliation", "member"),
        ],
    ),
    (
        |s| {
            s.attributes = vec!["jpegPhoto".into()];
            s.renamed_attributes = [("supannEtablissement".to_owned(), "uai".into())].into();
        },
        &[("jpegPhoto", "/9j/4AAQSkZJRgD+/9k="), ("uai", "{UAI}0999999X")],
    ),
    (
        |s| {
            s.attributes = vec!["eduPersonAffiliation".into(), "eduPersonPrincipalName".into()];
            s.several_values = Some("first".into());
        },
        &[
            ("eduPersonAffiliation", "student"),
            ("eduPersonPrincipalName", "camille.dupont@campus.example"),
        ],
    ),
    (
        |s| {
            s.attributes = vec!["eduPersonAffiliation".into()];
            s.several_values = Some("joined:,".into());
            s.user = Some("opaque".into());
        },
        &[("eduPersonAffiliation", "student,member")],
    ),
    (
        |s| {
            s.renamed_attributes = [("eduPersonAffiliation".to_owned(), "role".into())].into();
            s.value_codes = [("role".to_owned(), [("student".to_owned(), "S".to_owned())].into())].into();
        },
        &[("role", "S")],
    ),
];

#[tokio::test]
async fn each_way_of_validating_tells_the_same_by_each_registration() {
    // CAS-314, CAS-239, CAS-242, CAS-243
    let registrations = POLICIES.iter().enumerate().flat_map(|(at, (policy, _))| {
        ["attributes", "flat", "user-attributes"].map(|place| {
            let mut settings = ServiceSettings {
                attributes: vec![],
                attributes_in: Some(place.to_owned()),
                attributes_in_v2: Some(true),
                ..service(&format!("p{at}-{place}"))
            };
            policy(&mut settings);
            settings
        })
    });
    let registrations: Vec<ServiceSettings> = registrations.collect();
    let house = house_of(registrations.clone()).await;
    for (settings, (_, expected)) in registrations.iter().zip(POLICIES.iter().flat_map(|one| [one; 3])) {
        let url = format!("https://{}.example.org/", settings.id);
        let expected = pairs(expected);
        for endpoint in [
            "serviceValidate",
            "proxyValidate",
            "p3/serviceValidate",
            "p3/proxyValidate",
        ] {
            let xml = answer(&house, &url, endpoint, "").await;
            assert!(xml.contains("<cas:user>"), "{xml}");
            assert_eq!(told_in_xml(&xml), expected, "{endpoint} of {url}: {xml}");
            let json = answer(&house, &url, endpoint, "&format=JSON").await;
            assert_eq!(told_in_json(&json), expected, "{endpoint} of {url}: {json}");
        }
        let saml = assertion(&house, &url).await;
        assert!(saml.contains("samlp:Success"), "{saml}");
        assert_eq!(told_in_saml(&saml), expected, "SAML of {url}: {saml}");
        let v1 = answer(&house, &url, "validate", "").await;
        assert_eq!(v1.lines().count(), 2, "{v1}");
    }
}

#[tokio::test]
async fn a_style_is_served_as_its_page_shows_it() {
    // CAS-134, CAS-145, CAS-236
    let services = PRESETS.iter().map(|preset| ServiceSettings {
        attributes: vec![],
        style: Some(preset.name.to_owned()),
        user: Some("plain".to_owned()),
        ..service(preset.name)
    });
    let house = house_of(services.collect()).await;
    let of = async |name: &str| {
        let url = format!("https://{name}.example.org/");
        answer(&house, &url, "p3/serviceValidate", "").await
    };
    let start = "<cas:authenticationSuccess><cas:user>camille.dupont</cas:user>";
    for preset in PRESETS {
        let answer = of(preset.name).await;
        assert!(answer.contains(start), "{}: {answer}", preset.name);
        let date = answer.matches("<cas:authenticationDate>").count();
        assert_eq!(date, 1, "{}: {answer}", preset.name);
    }
    let pronote = of("pronote").await;
    assert!(pronote.contains("<cas:prenom>Camille</cas:prenom><cas:nom>Dupont</cas:nom></cas:attributes>"));
    let kne = of("kne").await;
    let flat = "<cas:ENTPersonNom>Dupont</cas:ENTPersonNom></cas:authenticationSuccess>";
    assert!(kne.contains(flat) && !kne.contains("cas:attributes"), "{kne}");
    let edifice = of("generic-edifice").await;
    assert!(
        edifice.contains("</cas:isFromNewLogin><cas:userAttributes>"),
        "{edifice}"
    );
    assert!(edifice.contains("<cas:login>camille.dupont</cas:login></cas:userAttributes>"));
    let moodle = answer(&house, "https://moodle.example.org/", "serviceValidate", "").await;
    assert!(moodle.contains("<cas:mail>camille.dupont@campus.example</cas:mail>"));
}

#[tokio::test]
async fn no_answer_holds_a_password_or_what_it_was_hashed_to() {
    // CAS-239, CAS-247
    let all = ServiceSettings {
        attributes: ["userPassword", "mail", "entryUUID"].map(str::to_owned).into(),
        ..service("app")
    };
    let house = house_of(vec![all]).await;
    let mut answers = vec![assertion(&house, APP).await];
    for more in ["", "&format=JSON", "&publicKey=x&clearPass=true"] {
        answers.push(answer(&house, APP, "p3/serviceValidate", more).await);
    }
    for answer in answers {
        for secret in [CAMILLE.1, "SSHA", "V25G7iLr", "credential", "clearPass", "PGT-"] {
            assert!(!answer.contains(secret), "{secret} in {answer}");
        }
        assert!(answer.contains("camille.dupont@campus.example"), "{answer}");
    }
}

#[tokio::test]
async fn nothing_released_is_no_element_and_nothing_is_written_inline() {
    // CAS-236, CAS-246
    let bare = ServiceSettings {
        attributes: vec!["absent".into()],
        attributes_in_v2: Some(true),
        ..service("app")
    };
    let house = house_of(vec![bare]).await;
    let third = answer(&house, APP, "p3/serviceValidate", "").await;
    assert_eq!(
        leaves(&third).len(),
        4,
        "the user and the protocol's own three: {third}"
    );
    assert!(
        !third.contains("cas:attribute ") && !third.contains("name="),
        "{third}"
    );
    let json = answer(&house, APP, "p3/serviceValidate", "&format=JSON").await;
    assert!(told_in_json(&json).is_empty(), "{json}");
}
