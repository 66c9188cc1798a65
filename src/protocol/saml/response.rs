//! Writing the answer of `/samlValidate`: nested as the specification's example is, since clients walk
//! it element by element, and without any blank between elements.

use std::time::Duration;

use crate::base::clock::Timestamp;
use crate::protocol::response::{Markup, Outcome, Tag, ValidationSuccess, document, failure_text};
use crate::protocol::validation_request::ValidationFailure;

/// How far an assertion reaches before and after its making: clients allow for one second of
/// difference between clocks (CAS-217).
const LEEWAY: Duration = Duration::from_secs(60);

const SOAP: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const PROTOCOL: &str = "urn:oasis:names:tc:SAML:1.0:protocol";
const ASSERTION: &str = "urn:oasis:names:tc:SAML:1.0:assertion";
/// CAS 3.0.3 §4.2.6.
const NAMESPACE: &str = "http://www.ja-sig.org/products/cas/";
const BY_ARTIFACT: &str = "urn:oasis:names:tc:SAML:1.0:cm:artifact";

/// By what it is known who came (SAML 1.1 core §7.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KnownBy {
    /// Typed here (CAS-222).
    Password,
    Kerberos,
    /// Of the browser, over TLS.
    Certificate,
    /// Another server vouched for them.
    Unspecified,
}

impl KnownBy {
    fn urn(self) -> &'static str {
        match self {
            KnownBy::Password => "urn:oasis:names:tc:SAML:1.0:am:password",
            KnownBy::Kerberos => "urn:ietf:rfc:1510",
            KnownBy::Certificate => "urn:ietf:rfc:2246",
            KnownBy::Unspecified => "urn:oasis:names:tc:SAML:1.0:am:unspecified",
        }
    }
}

/// What stands around an answer.
pub struct Envelope<'a> {
    /// Bytes that nobody guesses: two ids are made of them.
    pub chance: [u8; 32],
    pub now: Timestamp,
    /// This server's address.
    pub issuer: &'a str,
    /// The service that asked: recipient and audience. Empty when it named none.
    pub target: &'a str,
    pub in_response_to: Option<&'a str>,
    pub known_by: KnownBy,
}

/// The answer as a SOAP envelope. A failure names nobody: clients take whoever is named, whatever the
/// status says (CAS-224).
pub fn write(outcome: &Outcome, envelope: &Envelope<'_>) -> String {
    let soap = ("xmlns:SOAP-ENV", SOAP);
    document("SOAP-ENV:Envelope", &[soap], |root| {
        root.element(&Tag::known("SOAP-ENV:Header"), &[], |_| {});
        root.element(&Tag::known("SOAP-ENV:Body"), &[], |body| {
            write_response(body, outcome, envelope);
        });
    })
}

fn write_response(body: &mut Markup, outcome: &Outcome, envelope: &Envelope<'_>) {
    let (id, at) = (envelope.id(0), envelope.now.to_rfc3339());
    let mut properties = vec![
        ("xmlns", PROTOCOL),
        ("xmlns:samlp", PROTOCOL),
        ("xmlns:saml", ASSERTION),
        ("IssueInstant", at.as_str()),
        ("MajorVersion", "1"),
        ("MinorVersion", "1"),
        ("ResponseID", id.as_str()),
    ];
    properties.extend((!envelope.target.is_empty()).then_some(("Recipient", envelope.target)));
    properties.extend(envelope.in_response_to.map(|id| ("InResponseTo", id)));
    body.element(&Tag::known("Response"), &properties, |response| match outcome {
        Outcome::Success(success) => {
            write_status(response, "samlp:Success", None);
            write_assertion(response, success, envelope);
        }
        Outcome::Failure { failure, reference } => {
            write_status(
                response,
                status(*failure),
                Some(&failure_text(*failure, reference)),
            );
        }
    });
}

fn status(failure: ValidationFailure) -> &'static str {
    match failure {
        ValidationFailure::InternalError => "samlp:Responder",
        ValidationFailure::InvalidRequest | ValidationFailure::UnsupportedFormat => "samlp:Requester",
        _ => "samlp:RequestDenied",
    }
}

fn write_status(response: &mut Markup, code: &str, message: Option<&str>) {
    response.element(&Tag::known("Status"), &[], |status| {
        status.element(&Tag::known("StatusCode"), &[("Value", code)], |_| {});
        if let Some(message) = message {
            status.leaf(&Tag::known("StatusMessage"), message);
        }
    });
}

fn write_assertion(response: &mut Markup, success: &ValidationSuccess, envelope: &Envelope<'_>) {
    let (id, at) = (envelope.id(16), envelope.now.to_rfc3339());
    let properties = [
        ("xmlns", ASSERTION),
        ("AssertionID", id.as_str()),
        ("IssueInstant", at.as_str()),
        ("Issuer", envelope.issuer),
        ("MajorVersion", "1"),
        ("MinorVersion", "1"),
    ];
    response.element(&Tag::known("Assertion"), &properties, |assertion| {
        write_conditions(assertion, envelope);
        write_attributes(assertion, success);
        let instant = success
            .technical
            .map_or(envelope.now, |technical| technical.authenticated_at)
            .to_rfc3339();
        let properties = [
            ("AuthenticationInstant", instant.as_str()),
            ("AuthenticationMethod", envelope.known_by.urn()),
        ];
        let statement = Tag::known("AuthenticationStatement");
        assertion.element(&statement, &properties, |statement| {
            write_subject(statement, success)
        });
    });
}

fn write_conditions(assertion: &mut Markup, envelope: &Envelope<'_>) {
    let from = envelope.now.minus(LEEWAY).to_rfc3339();
    let until = envelope.now.plus(LEEWAY).to_rfc3339();
    let properties = [("NotBefore", from.as_str()), ("NotOnOrAfter", until.as_str())];
    assertion.element(&Tag::known("Conditions"), &properties, |conditions| {
        let restriction = Tag::known("AudienceRestrictionCondition");
        conditions.element(&restriction, &[], |restriction| {
            restriction.leaf(&Tag::known("Audience"), envelope.target);
        });
    });
}

/// One statement with all attributes, or none at all: an empty one is not valid (CAS-219).
fn write_attributes(assertion: &mut Markup, success: &ValidationSuccess) {
    let remembered = success.technical.is_some_and(|technical| technical.remembered);
    if !remembered && success.sent_attributes().next().is_none() {
        return;
    }
    assertion.element(&Tag::known("AttributeStatement"), &[], |statement| {
        write_subject(statement, success);
        for attribute in success.sent_attributes() {
            write_attribute(statement, &attribute.name, attribute.sent_values());
        }
        if remembered {
            let name = "longTermAuthenticationRequestTokenUsed";
            write_attribute(statement, name, std::iter::once("true"));
        }
    });
}

fn write_attribute<'a>(statement: &mut Markup, name: &str, values: impl Iterator<Item = &'a str>) {
    let properties = [("AttributeName", name), ("AttributeNamespace", NAMESPACE)];
    statement.element(&Tag::known("Attribute"), &properties, |attribute| {
        values.for_each(|value| attribute.leaf(&Tag::known("AttributeValue"), value));
    });
}

fn write_subject(statement: &mut Markup, success: &ValidationSuccess) {
    statement.element(&Tag::known("Subject"), &[], |subject| {
        subject.leaf(&Tag::known("NameIdentifier"), success.user.as_str());
        subject.element(&Tag::known("SubjectConfirmation"), &[], |confirmation| {
            confirmation.leaf(&Tag::known("ConfirmationMethod"), BY_ARTIFACT);
        });
    });
}

impl Envelope<'_> {
    /// An id of 128 bits, as XML Schema allows one, of the bytes from `start`.
    fn id(&self, start: usize) -> String {
        let bytes = self.chance.iter().skip(start).take(16);
        bytes.fold("_".to_owned(), |id, byte| format!("{id}{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::response::{ReleasedAttribute, ReleasedUser, Shape, Technical};
    use crate::protocol::tree::read;

    fn answer(remembered: bool, known_by: KnownBy) -> String {
        let success = ValidationSuccess {
            user: ReleasedUser::new("élise<b>").expect("a name"),
            attributes: vec![
                ReleasedAttribute {
                    name: "mail & \"more\"".to_owned(),
                    values: vec!["a<b>&\u{e9}".to_owned(), "  ".to_owned()],
                    nested: false,
                },
                ReleasedAttribute {
                    name: "empty".to_owned(),
                    values: vec![String::new()],
                    nested: false,
                },
            ],
            technical: Some(Technical {
                authenticated_at: Timestamp(1_000_000_000_000),
                remembered,
                from_new_login: true,
            }),
            proxy_granting_ticket: None,
            proxies: Vec::new(),
            shape: Shape::default(),
        };
        let envelope = Envelope {
            chance: std::array::from_fn(|at| u8::try_from(at).unwrap_or_default()),
            now: Timestamp(30_000),
            issuer: "https://sso.univ-x.fr/cas",
            target: "https://app.univ-x.fr/?a=\"b\"&c",
            in_response_to: None,
            known_by,
        };
        write(&Outcome::Success(Box::new(success)), &envelope)
    }

    #[test]
    fn whatever_a_value_holds_the_answer_is_the_same_tree() {
        // CAS-215, CAS-220, CAS-221, CAS-226
        let written = answer(false, KnownBy::Password);
        assert!(written.is_ascii() && !written.contains("Signature"), "{written}");
        assert!(!written.contains("> <") && !written.contains(">\n<"), "{written}");
        let tree = read(written.as_bytes()).expect("XML");
        let response = tree
            .only("Body")
            .and_then(|body| body.only("Response"))
            .expect("a response");
        assert_eq!(
            response.attribute("Recipient"),
            Some("https://app.univ-x.fr/?a=\"b\"&c")
        );
        assert_eq!(
            response.attribute("ResponseID"),
            Some("_000102030405060708090a0b0c0d0e0f")
        );
        let assertion = response.only("Assertion").expect("an assertion");
        assert_eq!(
            assertion.attribute("AssertionID"),
            Some("_101112131415161718191a1b1c1d1e1f")
        );
        let statement = assertion.only("AttributeStatement").expect("a statement");
        let attribute = statement
            .only("Attribute")
            .expect("one attribute: blank values do not count");
        assert_eq!(attribute.attribute("AttributeName"), Some("mail & \"more\""));
        assert_eq!(
            attribute.only("AttributeValue").map(|value| value.text.as_str()),
            Some("a<b>&é")
        );
        for statement in ["AttributeStatement", "AuthenticationStatement"] {
            let subject = assertion
                .only(statement)
                .and_then(|statement| statement.only("Subject"));
            let name = subject.and_then(|subject| subject.only("NameIdentifier"));
            assert_eq!(name.map(|name| name.text.as_str()), Some("élise<b>"));
        }
    }

    #[test]
    fn the_answer_says_how_somebody_signed_in_and_that_they_were_remembered() {
        // CAS-217, CAS-222, CAS-223
        let long_term = "<Attribute AttributeName=\"longTermAuthenticationRequestTokenUsed\" \
            AttributeNamespace=\"http://www.ja-sig.org/products/cas/\"><AttributeValue>true</AttributeValue></Attribute>";
        assert!(answer(true, KnownBy::Password).contains(long_term));
        assert!(!answer(false, KnownBy::Password).contains("longTerm"));
        let all = [
            KnownBy::Password,
            KnownBy::Kerberos,
            KnownBy::Certificate,
            KnownBy::Unspecified,
        ];
        for known_by in all {
            let written = answer(false, known_by);
            let said: Vec<KnownBy> = all
                .into_iter()
                .filter(|one| written.contains(one.urn()))
                .collect();
            assert_eq!(said, [known_by]);
        }
        let from_1970 = "NotBefore=\"1970-01-01T00:00:00Z\" NotOnOrAfter=\"1970-01-01T00:01:30Z\"";
        assert!(
            answer(false, KnownBy::Password).contains(from_1970),
            "no time before there was time"
        );
    }
}
