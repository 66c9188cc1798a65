//! Answers in every shape: whatever the names and values are, one line of ASCII whose first element
//! is the one user.

use super::*;

const PLACES: [Place; 3] = [Place::Attributes, Place::Flat, Place::UserAttributes];

fn shaped(place: Place, attributes: Vec<ReleasedAttribute>) -> ValidationSuccess {
    let shape = Shape {
        place,
        ..Shape::default()
    };
    ValidationSuccess {
        attributes,
        shape,
        ..full()
    }
}

fn nested(name: &str, values: &[&str]) -> ReleasedAttribute {
    ReleasedAttribute {
        nested: true,
        ..attribute(name, values)
    }
}

/// The elements in which a service of this shape finds its attributes, the protocol's own left out.
fn found(place: Place, success: ValidationSuccess) -> Vec<Node> {
    let mut node = success_node(success);
    let around: &[&str] = match place {
        Place::Attributes => &["cas:attributes"],
        Place::Flat => &[],
        Place::UserAttributes => &["cas:attributes", "cas:userAttributes"],
    };
    for name in around {
        let at = node.names().iter().position(|known| known == name);
        // No element is written around nothing.
        node = at.map(|at| node.children.remove(at)).unwrap_or_default();
    }
    let own = |name: &str| {
        let local = name.trim_start_matches("cas:");
        RESERVED_NAMES.contains(&local)
    };
    node.children.retain(|child| !own(&child.name));
    node.children
}

fn shown(nodes: &[Node]) -> Vec<(&str, &str)> {
    let pairs = nodes.iter().map(|node| (node.name.as_str(), node.text.as_str()));
    pairs.collect()
}

#[test]
fn attributes_stand_where_the_service_looks_and_after_the_user() {
    // CAS-134, CAS-145, CAS-236
    let attributes = || vec![attribute("mail", &["b@x", "a@x"])];
    let names = |place| success_node(shaped(place, attributes()));
    let technical = [
        "cas:authenticationDate",
        "cas:longTermAuthenticationRequestTokenUsed",
        "cas:isFromNewLogin",
    ];
    let flat = names(Place::Flat);
    assert_eq!(flat.names()[0], "cas:user");
    assert_eq!(flat.names()[1..4], technical);
    let rest = ["cas:mail", "cas:mail", "cas:proxyGrantingTicket", "cas:proxies"];
    assert_eq!(flat.names()[4..], rest);
    let inner = names(Place::UserAttributes);
    assert_eq!(inner.names()[..2], ["cas:user", "cas:attributes"]);
    assert_eq!(inner.children[1].names()[..3], technical);
    assert_eq!(inner.children[1].names()[3..], ["cas:userAttributes"]);
    for place in PLACES {
        let found = found(place, shaped(place, attributes()));
        assert_eq!(
            shown(&found),
            [("cas:mail", "b@x"), ("cas:mail", "a@x")],
            "{place:?}"
        );
    }
}

#[test]
fn a_list_holds_its_values_in_every_place_and_is_an_array_in_json() {
    // CAS-236, CAS-143
    let attributes = || {
        vec![
            nested("ENTEleveClasses", &["6A", "", "6B"]),
            nested("mail", &["a@x"]),
        ]
    };
    for place in PLACES {
        let found = found(place, shaped(place, attributes()));
        assert_eq!(found[0].name, "cas:ENTEleveClasses");
        let items = [("cas:ENTEleveClasse", "6A"), ("cas:ENTEleveClasse", "6B")];
        assert_eq!(shown(&found[0].children), items, "{place:?}");
        assert_eq!(shown(&found[1..]), [("cas:mail", "a@x")], "no list of “mai”");
        let body = json(shaped(place, attributes()));
        let sent = body.pointer("/serviceResponse/authenticationSuccess/attributes/ENTEleveClasses");
        assert_eq!(sent, Some(&json!(["6A", "6B"])), "{place:?}");
    }
}

#[test]
fn a_name_of_the_protocol_goes_out_in_no_shape() {
    // CAS-241
    for place in PLACES {
        let mut attributes: Vec<_> = RESERVED_NAMES.map(|name| attribute(name, &["admin"])).into();
        attributes.extend(RESERVED_NAMES.map(|name| nested(&format!("{name}s"), &["admin"])));
        let written = xml(shaped(place, attributes));
        let node = success_node(shaped(place, Vec::new()));
        let root = read(&written);
        for name in RESERVED_NAMES.iter().filter(|name| **name != "userAttributes") {
            let expected = node.count(name) + usize::from(["serviceResponse"].contains(name));
            assert_eq!(root.count(name), expected, "{name} in {place:?}");
        }
        let users = root.children[0].child("cas:user").map(|user| user.text.as_str());
        assert_eq!(users, Some("anne"));
    }
}

proptest! {
    #[test]
    fn any_names_and_values_are_read_back_in_every_shape_and_the_user_first(
        names in proptest::collection::vec(prop_oneof!["[a-zA-Z:_.-]{0,8}s?", any::<String>(), "users?|prox(y|ies)s?"], 1..4),
        values in proptest::collection::vec(prop_oneof!["[a-z<>&\"'\\]\\[ \0é]{0,6}", any::<String>()], 0..4),
        place in 0usize..3, lists in any::<bool>(),
    ) {
        // CAS-134, CAS-139, CAS-140, CAS-240, CAS-241, CAS-242, CAS-304
        let place = PLACES[place];
        let words: Vec<&str> = values.iter().map(String::as_str).collect();
        let attributes: Vec<_> = names.iter()
            .map(|name| ReleasedAttribute { nested: lists, ..attribute(name, &words) })
            .collect();
        let sent: Vec<String> = attributes[0].sent_values().map(dropped).collect();
        let expected: Vec<_> = names.iter().filter(|name| !sent.is_empty() && !is_reserved(name)).collect();
        let node = success_node(shaped(place, attributes));
        prop_assert_eq!((node.names()[0], node.children[0].text.as_str()), ("cas:user", "anne"));
        prop_assert_eq!(node.count("user"), 1);
        let mut found = found(place, shaped(place, names.iter()
            .map(|name| ReleasedAttribute { nested: lists, ..attribute(name, &words) }).collect())).into_iter();
        for name in expected {
            let of_attribute = format!("cas:{}", xml_name(name));
            if let Some(item) = item_name(name).filter(|_| lists) {
                let list = found.next().expect("the list");
                prop_assert_eq!(&list.name, &of_attribute);
                let item = format!("cas:{}", xml_name(item));
                prop_assert!(list.children.iter().all(|child| child.name == item));
                prop_assert_eq!(list.children.into_iter().map(|child| child.text).collect::<Vec<_>>(), sent.clone());
            } else {
                for value in &sent {
                    let one = found.next().expect("a value");
                    prop_assert_eq!((&one.name, &one.text), (&of_attribute, value));
                }
            }
        }
        prop_assert!(found.next().is_none());
    }
}
