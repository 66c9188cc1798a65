//! Answers read back, plain and hostile.

use proptest::prelude::*;
use serde_json::json;

use super::reading::{Node, read};
use super::*;
use crate::protocol::ticket_id::TicketKind;

mod shapes;

const HOSTILE: [&str; 12] = [
    "]]>",
    "<![CDATA[x]]>",
    "a\0b\u{1}c\u{b}d\u{fffe}e\u{ffff}f",
    "</cas:user><cas:user>admin",
    "</cas:authenticationFailure><cas:authenticationSuccess><cas:user>admin</cas:user></cas:authenticationSuccess>",
    "&lol; &#0; &amp; <!DOCTYPE x> <!-- --> <?xml?>",
    "\u{1f600}\u{10ffff}é\u{202e}",
    "line\r\nline\ttab",
    "\"'<>&",
    "cn=Dupont\\, Anne,ou=people,dc=x",
    "\\ud800\u{fffd}",
    "[a,b]",
];

fn attribute(name: &str, values: &[&str]) -> ReleasedAttribute {
    ReleasedAttribute {
        name: name.to_owned(),
        values: values.iter().map(|value| (*value).to_owned()).collect(),
        nested: false,
    }
}

fn bare(user: &str) -> ValidationSuccess {
    ValidationSuccess {
        user: ReleasedUser::new(user).expect("a sound name"),
        attributes: Vec::new(),
        technical: None,
        proxy_granting_ticket: None,
        proxies: Vec::new(),
        shape: Shape::default(),
    }
}

fn full() -> ValidationSuccess {
    ValidationSuccess {
        attributes: vec![
            attribute("mail", &["b@x", "a@x"]),
            attribute("urn:oid:1", &["é"]),
            attribute("dn", &["cn=Dupont\\, Anne,dc=x"]),
        ],
        technical: Some(technical()),
        proxy_granting_ticket: TicketId::parse(
            TicketKind::ProxyGrantingIou,
            &format!("PGTIOU-{}", "a".repeat(57)),
        ),
        proxies: vec!["https://p2/".into(), "https://p1/".into()],
        ..bare("anne")
    }
}

fn technical() -> Technical {
    Technical {
        authenticated_at: Timestamp(1_795_000_000_000),
        remembered: false,
        from_new_login: true,
    }
}

fn xml(success: ValidationSuccess) -> String {
    Outcome::Success(Box::new(success)).write(Wire::Xml).body
}

fn json(success: ValidationSuccess) -> serde_json::Value {
    let answer = Outcome::Success(Box::new(success)).write(Wire::Json);
    assert!(answer.body.is_ascii());
    serde_json::from_str(&answer.body).expect("JSON")
}

fn success_node(success: ValidationSuccess) -> Node {
    let mut root = read(&xml(success));
    assert_eq!(root.name, "cas:serviceResponse");
    assert_eq!(root.namespace, "http://www.yale.edu/tp/cas");
    assert_eq!(root.names(), ["cas:authenticationSuccess"]);
    root.children.remove(0)
}

fn dropped(text: &str) -> String {
    text.chars().filter(|c| markup::is_xml_char(*c)).collect()
}

#[test]
fn each_wire_says_its_type_and_charset() {
    // CAS-14
    let outcome = Outcome::Success(Box::new(bare("anne")));
    for (wire, content_type) in [
        (Wire::Plain, "text/plain;charset=UTF-8"),
        (Wire::Xml, "application/xml;charset=UTF-8"),
        (Wire::Json, "application/json;charset=UTF-8"),
    ] {
        assert_eq!(outcome.write(wire).content_type, content_type);
    }
    assert_eq!(Wire::of(Endpoint::Validate, Format::Json), Wire::Plain);
    assert_eq!(Wire::of(Endpoint::ServiceValidate, Format::Json), Wire::Json);
    assert_eq!(Wire::of(Endpoint::P3ServiceValidate, Format::Xml), Wire::Xml);
}

#[test]
fn version_one_answers_yes_with_the_name_or_no_by_line_feeds() {
    // CAS-125, CAS-126, CAS-130
    let yes = Outcome::Success(Box::new(bare("anne"))).write(Wire::Plain);
    assert_eq!(yes.body, "yes\nanne\n");
    let no = Outcome::Failure {
        failure: ValidationFailure::InvalidTicket,
        reference: "r1".into(),
    };
    assert_eq!(no.write(Wire::Plain).body, "no\n");
}

#[test]
fn no_user_name_can_be_misread() {
    // CAS-130, CAS-135
    for name in [
        "",
        " ",
        " anne",
        "anne\n",
        "an\nne",
        "an\0ne",
        "anne\u{fffe}",
        "a\u{85}b",
        "a\u{2028}b",
    ] {
        assert_eq!(ReleasedUser::new(name), None, "{name:?}");
    }
    for name in ["anne", "anne martin", "éléonore", "a<b>&c", "\u{1f600}"] {
        let node = success_node(bare(name));
        assert_eq!(node.child("cas:user").map(|user| user.text.as_str()), Some(name));
    }
}

#[test]
fn the_bare_success_is_exactly_this() {
    // CAS-132, CAS-133, CAS-135, CAS-138, CAS-141, CAS-236
    assert_eq!(
        xml(bare("anne")),
        "<cas:serviceResponse xmlns:cas=\"http://www.yale.edu/tp/cas\"><cas:authenticationSuccess>\
         <cas:user>anne</cas:user></cas:authenticationSuccess></cas:serviceResponse>"
    );
    assert_eq!(
        json(bare("anne")),
        json!({"serviceResponse": {"authenticationSuccess": {"user": "anne"}}})
    );
}

#[test]
fn the_full_success_has_everything_in_order_and_the_user_first() {
    // CAS-134, CAS-139, CAS-143, CAS-146, CAS-236, CAS-237, CAS-238, CAS-240, CAS-244, CAS-245
    let node = success_node(full());
    assert_eq!(
        node.names(),
        [
            "cas:user",
            "cas:attributes",
            "cas:proxyGrantingTicket",
            "cas:proxies"
        ]
    );
    let attributes = node.child("cas:attributes").expect("attributes");
    let shown: Vec<_> = attributes
        .children
        .iter()
        .map(|a| (a.name.as_str(), a.text.as_str()))
        .collect();
    assert_eq!(
        shown,
        [
            ("cas:authenticationDate", "2026-11-18T11:06:40Z"),
            ("cas:longTermAuthenticationRequestTokenUsed", "false"),
            ("cas:isFromNewLogin", "true"),
            ("cas:mail", "b@x"),
            ("cas:mail", "a@x"),
            ("cas:urn_oid_1", "é"),
            ("cas:dn", "cn=Dupont\\, Anne,dc=x"),
        ]
    );
    assert!(xml(full()).contains("<cas:urn_oid_1>&#233;</cas:urn_oid_1>"));
    let proxies = node.child("cas:proxies").expect("proxies");
    assert_eq!(
        proxies.children.first().map(|proxy| proxy.text.as_str()),
        Some("https://p2/")
    );
}

#[test]
fn json_holds_the_same_under_the_attributes_own_names() {
    // CAS-143, CAS-238, CAS-240, CAS-244, CAS-245
    let released = json!({
        "mail": ["b@x", "a@x"], "urn:oid:1": ["é"], "dn": ["cn=Dupont\\, Anne,dc=x"],
        "authenticationDate": ["2026-11-18T11:06:40Z"],
        "longTermAuthenticationRequestTokenUsed": [false], "isFromNewLogin": [true]
    });
    let body = json(full());
    let success = body
        .pointer("/serviceResponse/authenticationSuccess")
        .expect("success");
    assert_eq!(success.get("attributes"), Some(&released));
    assert_eq!(
        success.get("proxies"),
        Some(&json!(["https://p2/", "https://p1/"]))
    );
    assert_eq!(
        success.get("proxyGrantingTicket"),
        Some(&json!(format!("PGTIOU-{}", "a".repeat(57))))
    );
}

#[test]
fn json_writes_one_value_as_a_scalar_where_the_service_asks() {
    // CAS-245
    let body = json(ValidationSuccess {
        attributes: vec![attribute("mail", &["a@x"]), attribute("ou", &["x", "y"])],
        shape: Shape {
            json_scalars: true,
            ..Shape::default()
        },
        ..bare("anne")
    });
    assert_eq!(
        body.pointer("/serviceResponse/authenticationSuccess/attributes"),
        Some(&json!({"mail": "a@x", "ou": ["x", "y"]}))
    );
}

#[test]
fn empty_values_are_not_sent_and_neither_are_reserved_names() {
    // CAS-241, CAS-242, CAS-236
    let attributes = || {
        let mut all = vec![attribute("mail", &["", " ", "\0"]), attribute("empty", &[])];
        all.extend(RESERVED_NAMES.map(|name| attribute(name, &["admin"])));
        all
    };
    let with = |technical| ValidationSuccess {
        attributes: attributes(),
        technical,
        ..bare("anne")
    };
    assert_eq!(success_node(with(None)).names(), ["cas:user"]);
    let node = success_node(with(Some(technical())));
    assert_eq!(node.child("cas:attributes").map(|a| a.children.len()), Some(3));
    let body = json(with(None));
    assert_eq!(
        body.pointer("/serviceResponse/authenticationSuccess/attributes"),
        None
    );
}

#[test]
fn hostile_values_come_back_whole_but_for_what_xml_forbids() {
    // CAS-140, CAS-303, CAS-304, T-26
    for value in HOSTILE {
        let node = success_node(ValidationSuccess {
            attributes: vec![attribute("x", &[value]), attribute(value, &["y"])],
            ..bare("anne")
        });
        let attributes = node.child("cas:attributes").expect("attributes");
        assert_eq!(
            attributes.children.first().map(|a| a.text.clone()),
            Some(dropped(value))
        );
        assert_eq!(attributes.children.len(), 2);
        assert_eq!((node.count("user"), node.count("authenticationSuccess")), (1, 1));
        let body = json(ValidationSuccess {
            attributes: vec![attribute("x", &[value])],
            ..bare("anne")
        });
        let sent = body.pointer("/serviceResponse/authenticationSuccess/attributes/x/0");
        assert_eq!(sent, Some(&json!(value)));
    }
}

#[test]
fn a_megabyte_of_value_is_written_whole() {
    // CAS-140, T-26
    let long = "é]]>\u{0}<".repeat(150_000);
    let node = success_node(ValidationSuccess {
        attributes: vec![attribute("x", &[&long])],
        ..bare("anne")
    });
    let attributes = node.child("cas:attributes").expect("attributes");
    assert!(
        attributes
            .children
            .first()
            .is_some_and(|a| a.text == dropped(&long))
    );
}

#[test]
fn a_failure_has_a_code_a_text_a_reference_and_nothing_else() {
    // CAS-133, CAS-136, CAS-142, CAS-143, CAS-160, CAS-303
    for failure in ValidationFailure::ALL {
        for reference in HOSTILE.into_iter().chain(["a1b2"]) {
            let outcome = || Outcome::Failure {
                failure,
                reference: reference.into(),
            };
            let root = read(&outcome().write(Wire::Xml).body);
            assert_eq!(root.names(), ["cas:authenticationFailure"]);
            assert_eq!(root.count("authenticationSuccess"), 0);
            let node = root.children.first().expect("the failure");
            assert_eq!(node.attributes, [("code".to_owned(), failure.code().to_owned())]);
            assert!(node.children.is_empty() && node.text.contains(failure.text()));
            assert!(node.text.contains(&dropped(reference)));
            let answer = outcome().write(Wire::Json).body;
            let body: serde_json::Value = serde_json::from_str(&answer).expect("JSON");
            let told = format!("{} (reference {reference})", failure.text());
            let expected = json!({"code": failure.code(), "description": told});
            assert_eq!(
                body,
                json!({"serviceResponse": {"authenticationFailure": expected}})
            );
        }
    }
}

proptest! {
    #[test]
    fn any_strings_make_well_formed_answers(
        name in any::<String>(), value in any::<String>(), proxy in any::<String>(), user in any::<String>()
    ) {
        // CAS-140, CAS-304, T-26
        let user = ReleasedUser::new(&user).unwrap_or_else(|| ReleasedUser("anne".into()));
        let node = success_node(ValidationSuccess {
            attributes: vec![attribute(&name, &[&value])],
            technical: Some(technical()),
            proxies: vec![proxy.clone()],
            user: user.clone(),
            ..bare("anne")
        });
        prop_assert_eq!(&node.names()[..2], &["cas:user", "cas:attributes"][..]);
        prop_assert_eq!(&node.children[0].text, user.as_str());
        prop_assert_eq!(&node.children[2].children[0].text, &dropped(&proxy));
        prop_assert_eq!(node.count("user"), 1);
    }

    #[test]
    fn no_failure_ever_holds_a_success(reference in any::<String>(), at in 0usize..11) {
        // CAS-142, CAS-303
        let root = read(&Outcome::Failure { failure: ValidationFailure::ALL[at], reference }.write(Wire::Xml).body);
        prop_assert_eq!(root.names(), ["cas:authenticationFailure"]);
        prop_assert_eq!(root.count("authenticationSuccess") + root.count("user"), 0);
    }
}
