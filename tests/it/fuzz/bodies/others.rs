//! What another CAS server tells us, whom people sign in at: its answers, and its word that a session is over.

use mereau::base::clock::Timestamp;
use mereau::base::entropy::SeededEntropy;
use mereau::protocol::client::{Verdict, read_validation, session_index, unwrapped};
use mereau::protocol::{LogoutMessage, TicketId, TicketKind};

/// Whatever it says is short, of one person, and of one session; and our own words are understood.
pub fn other_servers(data: &[u8]) {
    if let Ok(Verdict::Success(validated)) = read_validation(data) {
        assert!(!validated.user.is_empty() && validated.user == validated.user.trim());
        let mut names: Vec<&str> = validated
            .attributes
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), validated.attributes.len(), "each attribute once");
        for (name, values) in &validated.attributes {
            assert!(!name.is_empty() && !values.is_empty());
            assert!(
                values
                    .iter()
                    .all(|value| !value.is_empty() && value == value.trim())
            );
        }
    }
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let told = |message: &str| {
        if let Ok(ticket) = session_index(message) {
            assert!(!ticket.is_empty() && ticket.len() <= message.len() && ticket == ticket.trim());
        }
    };
    told(text);
    if let Ok(message) = unwrapped(text) {
        assert!(message.len() <= 16 * 1024, "{}", message.len());
        told(&message);
    }
    let ticket = TicketId::parse(TicketKind::Service, &format!("ST-{}", "a".repeat(29))).unwrap();
    let ours = LogoutMessage::new(ticket.clone(), text, Timestamp(0), &SeededEntropy::new(1));
    assert_eq!(session_index(&ours.xml()).as_deref(), Ok(ticket.expose()));
    let url = ours.within("https://notes.example/").expect("a URL");
    let url = url::Url::parse(&url).expect("a URL");
    let (_, packed) = url.query_pairs().next().expect("its only parameter");
    match unwrapped(&packed) {
        Ok(message) => assert_eq!(session_index(&message).as_deref(), Ok(ticket.expose())),
        Err(_) => assert!(text.len() > 2_000, "only a name that long is too long"),
    }
}
