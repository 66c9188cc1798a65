//! Answers as four XML parsers read them that other people wrote: quick-xml, Python's expat, lxml and
//! PHP's DOM. Whatever was asked and whoever is described, all see the same, and a refusal is none of
//! them a welcome.

use std::path::Path;
use std::process::Command;

use mereau::base::clock::Timestamp;
use mereau::protocol::response::{Place, Shape};
use mereau::protocol::{
    Outcome, ReleasedAttribute, ReleasedUser, Technical, ValidationFailure, ValidationSuccess, Wire,
};
use serde_json::Value;

use crate::fuzz_bodies::elements;
use crate::support::browser::Browser;
use crate::support::python;
use crate::support::redis::Redis;
use crate::support::run::succeed;
use crate::support::served::{Options, Served, service};
use crate::support::slapd::{self, Slapd};

const CAS: &str = "{http://www.yale.edu/tp/cas}";

/// Texts that would be something else if they were not escaped.
const HOSTILE: [&str; 16] = [
    "</cas:authenticationFailure><cas:authenticationSuccess><cas:user>admin</cas:user></cas:authenticationSuccess>",
    "</cas:user><cas:user>admin",
    "]]><![CDATA[x]]>",
    "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>&e;",
    "&lol; &#0; &#x1; &amp;amp;",
    "<!-- --> <?xml version=\"1.0\"?> <?php x ?>",
    "\u{0}\u{1}\u{b}\u{fffe}\u{ffff}",
    "\u{1f600}\u{10ffff}é\u{202e}\u{85}\u{2028}",
    "line\r\nline\ttab",
    "\"'<>&",
    "xmlns:cas=\"urn:evil\"",
    "a:b/@user[1]",
    "[a,b]",
    "cn=Dupont\\, Anne,dc=x",
    "+ADw-cas:user+AD4-",
    "%3Ccas:user%3E",
];

/// Each parser's name and its elements of each document: depth, `{namespace}name`, text.
fn read_by_others(documents: &[String]) -> Vec<(String, Value)> {
    let input = serde_json::to_string(documents).unwrap();
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/live");
    let mut python = Command::new(python::environment().join("bin/python"));
    let mut php = Command::new("php");
    let answers = [
        succeed(python.arg(tests.join("python/parsers.py")), &input),
        succeed(php.arg(tests.join("php/parsers.php")), &input),
    ];
    let read = answers.iter().flat_map(|answer| {
        let parsers: serde_json::Map<String, Value> = serde_json::from_str(answer).unwrap();
        parsers
    });
    read.collect()
}

fn read_by_ours(document: &str) -> Value {
    let named = |(depth, name, text): (usize, String, String)| {
        let local = name.strip_prefix("cas:").expect("our prefix").to_owned();
        serde_json::json!([depth, format!("{CAS}{local}"), text])
    };
    elements(document).into_iter().map(named).collect()
}

/// All four see the same; what they see, by document.
fn agreed(documents: &[String]) -> Vec<Value> {
    let seen: Vec<Value> = documents.iter().map(|document| read_by_ours(document)).collect();
    let others = read_by_others(documents);
    assert_eq!(others.len(), 3);
    for (parser, theirs) in others {
        for ((document, ours), theirs) in documents.iter().zip(&seen).zip(theirs.as_array().unwrap()) {
            assert_eq!(ours, theirs, "{parser}: {document}");
        }
    }
    seen
}

fn count(seen: &Value, name: &str) -> usize {
    let name = format!("{CAS}{name}");
    let elements = seen.as_array().into_iter().flatten();
    elements.filter(|element| element[1] == name).count()
}

fn success(place: Place, nested: bool, text: &str) -> Outcome {
    let attribute = |name: &str, value: &str| ReleasedAttribute {
        name: name.to_owned(),
        values: vec![value.to_owned(), "x".to_owned()],
        nested,
    };
    let user = ReleasedUser::new(text).unwrap_or_else(|| ReleasedUser::new("anne").unwrap());
    Outcome::Success(Box::new(ValidationSuccess {
        user,
        attributes: vec![
            attribute("mail", text),
            attribute(text, "y"),
            attribute("groups", text),
            attribute("user", "admin"),
            attribute("proxys", "https://evil/"),
        ],
        technical: Some(Technical {
            authenticated_at: Timestamp(1_795_000_000_000),
            remembered: false,
            from_new_login: true,
        }),
        proxy_granting_ticket: None,
        proxies: vec![text.to_owned()],
        shape: Shape {
            place,
            json_scalars: false,
        },
    }))
}

#[test]
fn names_and_values_of_a_directory_are_data_to_every_parser() {
    // CAS-304, CAS-140, CAS-241
    let mut documents = Vec::new();
    for text in HOSTILE {
        for place in [Place::Attributes, Place::Flat, Place::UserAttributes] {
            for nested in [false, true] {
                documents.push(success(place, nested, text).write(Wire::Xml).body);
            }
        }
    }
    for seen in agreed(&documents) {
        assert_eq!((count(&seen, "user"), count(&seen, "proxy")), (1, 1), "{seen}");
        assert_eq!(seen[2][1], format!("{CAS}user"), "the user first");
        assert_eq!(
            count(&seen, "authenticationFailure") + count(&seen, "proxyGrantingTicket"),
            0
        );
    }
    let failures = HOSTILE.iter().flat_map(|text| {
        ValidationFailure::ALL.map(|failure| {
            let reference = (*text).to_owned();
            Outcome::Failure { failure, reference }.write(Wire::Xml).body
        })
    });
    for seen in agreed(&failures.collect::<Vec<_>>()) {
        let all = seen.as_array().map(Vec::len);
        assert_eq!(
            (all, count(&seen, "authenticationFailure")),
            (Some(2), 1),
            "{seen}"
        );
    }
}

#[tokio::test]
async fn whatever_is_asked_no_parser_takes_the_refusal_for_a_welcome() {
    // CAS-303, CAS-142
    let slapd = Slapd::start(&slapd::Options::default());
    let redis = Redis::start(&[]);
    let tickets = redis.url();
    let options = Options {
        services: &[("application", service("https://app.example", ""))],
        ..Options::on(&slapd, &tickets)
    };
    let served = Served::start(&options);
    let (app, good) = ("https://app.example/", format!("ST-{}", "a".repeat(29)));
    let mut documents = Vec::new();
    for text in HOSTILE {
        let (with_app, with_ticket) = (format!("{app}{text}"), format!("{good}{text}"));
        let asked: [&[(&str, &str)]; 6] = [
            &[("service", app), ("ticket", text)],
            &[("service", app), ("ticket", &with_ticket)],
            &[("service", text), ("ticket", &good)],
            &[("service", &with_app), ("ticket", &good)],
            &[("service", app), ("ticket", &good), ("pgtUrl", text)],
            &[("service", app), ("ticket", &good), ("format", text)],
        ];
        for parameters in asked {
            for path in ["/serviceValidate", "/p3/proxyValidate"] {
                let url = served.address(path, parameters);
                documents.push(Browser::new(None).get(&url).await.reply.body);
            }
        }
        let proxy = served.address("/proxy", &[("pgt", text), ("targetService", text)]);
        documents.push(Browser::new(None).get(&proxy).await.reply.body);
    }
    for seen in agreed(&documents) {
        let failures = count(&seen, "authenticationFailure") + count(&seen, "proxyFailure");
        assert_eq!((seen.as_array().map(Vec::len), failures), (Some(2), 1), "{seen}");
        assert!(!seen.to_string().contains("admin"), "{seen}");
    }
}
