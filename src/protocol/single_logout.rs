//! The message that tells a service that a session is over. Whom to tell, and how it gets there,
//! is not known here.

use std::io::Write;

use data_encoding::BASE64;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use super::response::{Tag, document};
use super::ticket_id::TicketId;
use crate::base::clock::Timestamp;
use crate::base::entropy::{Entropy, random_symbols};

/// RFC 3986's unreserved characters stand for themselves.
const FORM: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// A SAML 2.0 LogoutRequest as CAS uses it: one per ticket (CAS-197).
pub struct LogoutMessage {
    id: String,
    issued_at: Timestamp,
    user: String,
    ticket: TicketId,
}

impl LogoutMessage {
    /// `user` is the name the service got for the person (CAS-196), `ticket` the one it validated.
    pub fn new(ticket: TicketId, user: &str, issued_at: Timestamp, entropy: &dyn Entropy) -> LogoutMessage {
        let symbols = random_symbols(entropy, b"0123456789abcdefghijklmnopqrstuvwxyz", 30);
        LogoutMessage {
            id: format!("LR{symbols}"),
            issued_at,
            user: user.to_owned(),
            ticket,
        }
    }

    /// The message on one line, with the literal prefixes that clients look for (CAS-194), and
    /// without `%` and `+`, since phpCAS decodes it twice (CAS-195).
    pub fn xml(&self) -> String {
        let issued_at = self.issued_at.to_rfc3339();
        let properties = [
            ("xmlns:samlp", "urn:oasis:names:tc:SAML:2.0:protocol"),
            ("xmlns:saml", "urn:oasis:names:tc:SAML:2.0:assertion"),
            ("ID", &self.id),
            ("Version", "2.0"),
            ("IssueInstant", &issued_at),
        ];
        let message = document("samlp:LogoutRequest", &properties, |root| {
            root.leaf(&Tag::known("saml:NameID"), &self.user);
            root.leaf(&Tag::known("samlp:SessionIndex"), self.ticket.expose());
        });
        message.replace('%', "&#37;").replace('+', "&#43;")
    }

    /// The body to post, `application/x-www-form-urlencoded`: the message is its only field, since
    /// mod_auth_cas looks at the first bytes (CAS-193).
    pub fn form_body(&self) -> String {
        format!("logoutRequest={}", utf8_percent_encode(&self.xml(), FORM))
    }

    /// `url` with the message as its last parameter, for a browser to bring (CAS-201): base64 of a zlib
    /// stream, as the Java client reads it. There is no `RelayState`: with one, that client sends the
    /// browser back to our `/logout`, which a frame has no use for. `None` when `url` is none.
    pub fn within(&self, url: &str) -> Option<String> {
        let mut packer = ZlibEncoder::new(Vec::new(), Compression::default());
        packer.write_all(self.xml().as_bytes()).ok()?;
        let packed = BASE64.encode(&packer.finish().ok()?);
        let mut url = Url::parse(url).ok()?;
        url.query_pairs_mut().append_pair("logoutRequest", &packed);
        Some(url.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::entropy::SeededEntropy;
    use crate::protocol::params::Params;
    use crate::protocol::response::reading::{Node, read};
    use crate::protocol::ticket_id::TicketKind;

    const ST: &str = "ST-aaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    fn message(user: &str) -> LogoutMessage {
        let ticket = TicketId::parse(TicketKind::Service, ST).expect("a ticket");
        LogoutMessage::new(ticket, user, Timestamp(1_795_000_000_000), &SeededEntropy::new(3))
    }

    #[test]
    fn the_message_is_the_one_clients_look_for() {
        // CAS-194, CAS-196
        let xml = message("anne.martin").xml();
        assert!(xml.starts_with("<samlp:LogoutRequest "));
        assert!(xml.contains(&format!("<samlp:SessionIndex>{ST}</samlp:SessionIndex>")));
        assert!(xml.contains("<saml:NameID>anne.martin</saml:NameID>"));
        let Node {
            name,
            namespace,
            attributes,
            children,
            ..
        } = read(&xml);
        assert_eq!(name, "samlp:LogoutRequest");
        assert_eq!(namespace, "urn:oasis:names:tc:SAML:2.0:protocol");
        let value = |wanted: &str| {
            let found = attributes.iter().find(|(name, _)| name == wanted);
            found.map(|(_, value)| value.as_str())
        };
        assert_eq!(value("Version"), Some("2.0"));
        assert_eq!(value("IssueInstant"), Some("2026-11-18T11:06:40Z"));
        assert!(
            value("ID")
                .is_some_and(|id| id.starts_with("LR") && id.bytes().all(|b| b.is_ascii_alphanumeric()))
        );
        let names: Vec<_> = children
            .iter()
            .map(|child| (child.name.as_str(), child.namespace.as_str()))
            .collect();
        assert_eq!(
            names,
            [
                ("saml:NameID", "urn:oasis:names:tc:SAML:2.0:assertion"),
                ("samlp:SessionIndex", "urn:oasis:names:tc:SAML:2.0:protocol"),
            ]
        );
    }

    #[test]
    fn a_browser_brings_the_same_message_in_its_wrapping() {
        // CAS-192, CAS-201
        let message = message("anne+é@x.fr");
        let url = message.within("https://app.univ.fr/a?b=c%20d").expect("a URL");
        let (before, wrapped) = url.split_once("&logoutRequest=").expect("the parameter");
        assert_eq!(before, "https://app.univ.fr/a?b=c%20d");
        assert!(!wrapped.contains(['+', '/', '&', '=']), "{wrapped}");
        let params = Params::of_query(url.split_once('?').expect("a query").1.as_bytes());
        let packed = params.only("logoutRequest").expect("one").expect("a value");
        let unwrapped = crate::protocol::client::unwrapped(packed);
        assert_eq!(unwrapped.as_deref(), Ok(message.xml().as_str()));
        assert_eq!(message.within("no url"), None);
    }

    #[test]
    fn it_survives_a_second_url_decoding_on_one_line() {
        // CAS-193, CAS-195
        for user in [
            "anne+test@x.fr",
            "100%25",
            "é\r\n</saml:NameID>",
            "\u{1f600}",
            "a&b",
        ] {
            let message = message(user);
            let xml = message.xml();
            assert!(!xml.contains(['%', '+', '\n', '\r']) && xml.is_ascii(), "{xml}");
            let children = read(&xml).children;
            assert_eq!(children.first().map(|child| child.text.as_str()), Some(user));
            let body = message.form_body();
            assert!(body.starts_with("logoutRequest=%3Csamlp%3ALogoutRequest%20"));
            assert!(!body.contains(['&', '+']));
            let received = Params::of_query(body.as_bytes());
            assert_eq!(received.only("logoutRequest"), Ok(Some(xml.as_str())));
            let again = Params::of_query(format!("x={}", utf8_percent_encode(&xml, FORM)).as_bytes());
            assert_eq!(again.first("x"), Ok(Some(xml.as_str())));
        }
    }
}
