//! What stands in requests and answers of the protocol itself: XML from strangers, XML about people, parameters twice.

use http::Method;
use quick_xml::Reader;
use quick_xml::events::Event;

use crate::house::{APP, CAMILLE, Plan, build, campus, encoded, login_path};

/// Whether a strict reader takes the document whole; the values of elements of that name.
fn values(document: &str, name: &str) -> Vec<String> {
    let mut reader = Reader::from_str(document);
    reader.config_mut().check_end_names = true;
    let (mut inside, mut found) = (false, Vec::new());
    loop {
        match reader.read_event().expect("well-formed") {
            Event::Start(start) if start.local_name().as_ref() == name => {
                inside = true;
                found.push(String::new());
            }
            Event::End(_) => inside = false,
            Event::Text(text) if inside => {
                found.last_mut().expect("one").push_str(&text);
            }
            Event::GeneralRef(named) if inside => {
                let letter = named.resolve_char_ref().expect("a character");
                found.last_mut().expect("one").push(letter.unwrap_or('?'));
            }
            Event::Eof => return found,
            _ => {}
        }
    }
}

#[tokio::test]
async fn an_attribute_of_a_megabyte_or_of_nothing_but_markup_is_told_whole_or_left_out() {
    // T-26
    for (what, value) in [
        ("a megabyte", "é".repeat(500_000)),
        (
            "markup",
            "]]>--><!DOCTYPE x><?pi?></cas:displayName>&amp;&#0;&lol;<![CDATA[".repeat(20),
        ),
        (
            "controls",
            "a\u{1}b\u{8}c\u{b}d\u{7f}e\u{85}f\u{fffe}g\u{ffff}h\u{2028}".to_owned(),
        ),
    ] {
        let written = data_encoding::BASE64.encode(value.as_bytes());
        let person = format!(
            "\ndn: uid=odd,ou=people,dc=campus,dc=example\nobjectClass: inetOrgPerson\n\
             entryUUID: 5a1e7000-0000-4000-8000-000000000977\nuid: odd\ncn: odd\nsn: odd\ndisplayName:: {written}\n\
             userPassword: {{SSHA}}V25G7iLrorVILZ+Jzmtj+rACsqEkGhxjGnq5Gg==\n"
        );
        let house = build(Plan {
            one_institution: true,
            recovery: Some(crate::house::recovery::usual_recovery()),
            more_people: person,
            ..Plan::default()
        })
        .await;
        let mut browser = house.browser();
        let ticket = browser
            .sign_in(&login_path(APP), ("odd", CAMILLE.1))
            .await
            .ticket();
        let answer = house.validate(APP, &ticket).await;
        assert_eq!(values(&answer, "user"), ["odd"], "{what}");
        assert!(
            answer
                .chars()
                .all(|c| !matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{fffe}' | '\u{ffff}')),
            "{what}"
        );
        for told in values(&answer, "displayName") {
            assert!(!told.is_empty(), "{what}");
            if what == "a megabyte" {
                assert_eq!(told, value, "whole");
            }
        }
    }
}

/// Documents that exhaust, fetch or confuse, inside what SAML asks with and by themselves.
fn hostile_documents() -> Vec<String> {
    let request = |inner: &str| {
        format!(
            "<SOAP-ENV:Envelope xmlns:SOAP-ENV=\"http://schemas.xmlsoap.org/soap/envelope/\"><SOAP-ENV:Body>\
             <samlp:Request xmlns:samlp=\"urn:oasis:names:tc:SAML:1.0:protocol\" MajorVersion=\"1\" MinorVersion=\"1\" \
             RequestID=\"_1\" IssueInstant=\"2026-11-18T12:00:00Z\">{inner}</samlp:Request></SOAP-ENV:Body></SOAP-ENV:Envelope>"
        )
    };
    let laughs = "<!DOCTYPE l [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;\">]>";
    let attributes: Vec<String> = (0..5_000).map(|n| format!("a{n}=''")).collect();
    let spaces: Vec<String> = (0..2_000).map(|n| format!("xmlns:n{n}='u{n}'")).collect();
    vec![
        format!(
            "{laughs}{}",
            request("<samlp:AssertionArtifact>&c;</samlp:AssertionArtifact>")
        ),
        format!(
            "<!DOCTYPE x [<!ENTITY f SYSTEM \"file:///etc/passwd\">]>{}",
            request("<samlp:AssertionArtifact>&f;</samlp:AssertionArtifact>")
        ),
        "<!DOCTYPE x SYSTEM \"http://127.0.0.1:1/x.dtd\"><x/>".to_owned(),
        request(&format!(
            "<samlp:AssertionArtifact {}>ST-1</samlp:AssertionArtifact>",
            attributes.join(" ")
        )),
        request(&format!(
            "<samlp:AssertionArtifact {}>ST-1</samlp:AssertionArtifact>",
            spaces.join(" ")
        )),
        request(&("<a>".repeat(1000) + &"</a>".repeat(1000))),
        "<a>".repeat(10_000),
        request(&"<samlp:AssertionArtifact>ST-1</samlp:AssertionArtifact>".repeat(500)),
        request("<samlp:AssertionArtifact>&#x41;&undefined;</samlp:AssertionArtifact>"),
        String::new(),
        "\u{feff}".to_owned(),
        "\0".repeat(1000),
    ]
}

#[tokio::test]
async fn xml_that_exhausts_fetches_or_confuses_is_one_refusal() {
    // T-27, CAS-213
    let house = campus().await;
    let path = format!("/cas/samlValidate?TARGET={}", encoded(APP));
    let mut browser = house.browser();
    for document in hostile_documents() {
        let shown: String = document.chars().take(60).collect();
        let reply = browser.send(Method::POST, &path, Some(document)).await;
        assert_eq!(reply.status, 200, "{shown}");
        assert!(!reply.body.contains("samlp:Success"), "{shown}: {}", reply.body);
        assert!(
            !reply.body.contains("root:") && !reply.body.contains("haha"),
            "{shown}"
        );
        assert!(
            !values(&reply.body, "StatusMessage").is_empty(),
            "{shown}: {}",
            reply.body
        );
    }
}

#[tokio::test]
async fn a_parameter_that_comes_twice_or_as_a_list_validates_nothing() {
    // T-24, T-25
    let house = campus().await;
    let app = encoded(APP);
    for query in [
        "service=APP&ticket=TICKET&ticket=ST-1-other",
        "service=APP&ticket=ST-1-other&ticket=TICKET",
        "service=APP&ticket=TICKET&ticket=",
        "service=APP&ticket=TICKET&service=https%3A%2F%2Fevil.example%2F",
        "service=https%3A%2F%2Fevil.example%2F&service=APP&ticket=TICKET",
        "service[]=APP&ticket[]=TICKET",
        "service=APP&ticket[]=TICKET",
        "service=APP&ticket%5B0%5D=TICKET",
        "service=APP&ticket=TICKET,ST-1-other",
        "service=APP%26ticket%3DTICKET&ticket=ST-1-other",
    ] {
        let mut browser = house.browser();
        browser.sign_in("/cas/login", CAMILLE).await;
        for endpoint in [
            "validate",
            "serviceValidate",
            "p3/serviceValidate",
            "proxyValidate",
            "p3/proxyValidate",
        ] {
            let ticket = browser.ticket_for(APP).await;
            let query = query.replace("APP", &app).replace("TICKET", &ticket);
            let answer = house.browser().get(&format!("/cas/{endpoint}?{query}")).await;
            assert!(
                !answer.body.contains("authenticationSuccess") && !answer.body.starts_with("yes"),
                "{endpoint} {query}: {}",
                answer.body
            );
        }
    }
}

#[tokio::test]
async fn a_ticket_that_is_presented_again_is_written_down() {
    // T-23
    let house = campus().await;
    let ticket = house.browser().sign_in(&login_path(APP), CAMILLE).await.ticket();
    assert!(
        house
            .validate(APP, &ticket)
            .await
            .contains("authenticationSuccess")
    );
    let replays = || {
        let all = house.audit.take();
        let mut found = all
            .into_iter()
            .filter(|one| one.event == mereau::audit::Event::TicketReplayed);
        found.next().map(|record| (record, found.count()))
    };
    assert!(replays().is_none());
    assert!(house.validate(APP, &ticket).await.contains("INVALID_TICKET"));
    let (record, more) = replays().expect("audited");
    assert_eq!(
        (record.outcome, more),
        (mereau::audit::Outcome::Refused("TICKET_REUSED"), 0)
    );
    // One that nobody issued is no replay.
    assert!(
        house
            .validate(APP, "ST-1-nobody")
            .await
            .contains("INVALID_TICKET")
    );
    assert!(replays().is_none());
}

#[test]
fn what_is_called_was_resolved_once_and_is_called_at_the_addresses_that_were_judged() {
    // T-40, CAS-167
    let folder = std::path::Path::new("src/outgoing");
    let (mut lookups, mut connections) = (Vec::new(), Vec::new());
    for found in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(found.unwrap().path()).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        for line in code.lines().map(str::trim) {
            if line.contains("lookup_host(") {
                lookups.push(line.to_owned());
            }
            if line.contains("TcpStream::connect(") {
                connections.push(line.to_owned());
            }
        }
    }
    // A second look-up could be answered with another address, which nobody judged.
    assert_eq!(lookups.len(), 1, "{lookups:?}");
    assert_eq!(connections.len(), 1, "{connections:?}");
    assert!(
        connections[0].contains("TcpStream::connect(address)"),
        "{connections:?}"
    );
    let exchange = std::fs::read_to_string(folder.join("exchange.rs")).unwrap();
    assert!(exchange.contains("addresses: &[SocketAddr]"), "never a name");
}
