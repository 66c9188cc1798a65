//! Reading a request of `/samlValidate`. Clients write it in many ways; what counts is the artifact in
//! its place, in whatever prefix, and `TARGET` beside it.

use crate::protocol::params::Params;
use crate::protocol::service_url::{ServiceUrl, ServiceUrlFlaw};
use crate::protocol::ticket_id::{TicketId, TicketKind};
use crate::protocol::tree::{Element, read};
use crate::protocol::validation_request::ValidationFailure;

/// Bytes of a request that are read: clients send less than one thousand.
pub const LONGEST_REQUEST: usize = 16 * 1024;

const SOAP: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const PROTOCOL: &str = "urn:oasis:names:tc:SAML:1.0:protocol";

/// Characters of a `RequestID` that an answer repeats.
const LONGEST_ID: usize = 128;

/// A well-formed request.
pub struct SamlRequest {
    pub ticket: TicketId,
    /// As given, see [`crate::protocol::ValidationRequest`].
    pub target: Result<ServiceUrl, ServiceUrlFlaw>,
    pub renew: bool,
    /// The client's name for its request, when it has one that may stand in XML (CAS-212).
    pub id: Option<String>,
}

impl SamlRequest {
    /// Reads the parameters and the SOAP envelope. Neither the time nor the id of the request is
    /// looked at: clients in use send constants or none (CAS-212).
    pub fn read(params: &Params, body: &[u8]) -> Result<SamlRequest, ValidationFailure> {
        let target = params.only("TARGET").ok().flatten();
        let target = target.filter(|target| !target.trim().is_empty());
        let target = target.ok_or(ValidationFailure::InvalidRequest)?;
        if body.len() > LONGEST_REQUEST {
            return Err(ValidationFailure::InvalidRequest);
        }
        let envelope = read(body).map_err(|_| ValidationFailure::InvalidRequest)?;
        let request = request(&envelope).ok_or(ValidationFailure::InvalidRequest)?;
        let artifact = request
            .only("AssertionArtifact")
            .filter(|artifact| artifact.namespace == PROTOCOL && artifact.children.is_empty())
            .ok_or(ValidationFailure::InvalidRequest)?;
        let kinds = [TicketKind::Service, TicketKind::Proxy];
        let mut parsed = kinds
            .into_iter()
            .map(|kind| TicketId::parse(kind, artifact.text.trim()));
        Ok(SamlRequest {
            ticket: parsed
                .find_map(|ticket| ticket)
                .ok_or(ValidationFailure::InvalidTicketSpec)?,
            target: ServiceUrl::parse(target),
            renew: params.switch("renew"),
            id: request.attribute("RequestID").and_then(repeatable),
        })
    }
}

/// `Envelope/Body/Request`; a second body or request is somebody else's (CAS-210).
fn request(envelope: &Element) -> Option<&Element> {
    if envelope.name != "Envelope" || envelope.namespace != SOAP {
        return None;
    }
    let body = envelope.only("Body").filter(|body| body.namespace == SOAP)?;
    body.only("Request")
        .filter(|request| request.namespace == PROTOCOL)
}

/// An id as XML Schema allows it: it goes into the answer's `InResponseTo`.
fn repeatable(id: &str) -> Option<String> {
    let starts = id.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let inside = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    (starts && id.len() <= LONGEST_ID && id.chars().all(inside)).then(|| id.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ST: &str = "ST-aaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    fn asked(query: &str, body: &str) -> Result<SamlRequest, ValidationFailure> {
        SamlRequest::read(&Params::of_query(query.as_bytes()), body.as_bytes())
    }

    fn envelope(request: &str) -> String {
        format!("<S:Envelope xmlns:S=\"{SOAP}\"><S:Header/><S:Body>{request}</S:Body></S:Envelope>")
    }

    fn plain(artifact: &str) -> String {
        envelope(&format!(
            "<samlp:Request xmlns:samlp=\"{PROTOCOL}\" MajorVersion=\"1\" MinorVersion=\"1\" \
             RequestID=\"_192.168.16.51.1024506224022\" IssueInstant=\"2002-06-19T17:03:44.022Z\">\
             <samlp:AssertionArtifact>{artifact}</samlp:AssertionArtifact></samlp:Request>"
        ))
    }

    const TARGET: &str = "TARGET=https://app.univ-x.fr/a%3Fb%3D1";

    #[test]
    fn requests_are_read_as_clients_write_them() {
        // CAS-209, CAS-210, CAS-211, CAS-212
        let of_java = format!(
            "<!-- sent by a client -->{}",
            envelope(&format!(
                "<Request xmlns=\"{PROTOCOL}\"><AssertionArtifact>\n  {ST}\n</AssertionArtifact></Request>"
            ))
        );
        let of_apache = format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>{}",
            envelope(&format!(
                "<samlp:Request xmlns:samlp=\"{PROTOCOL}\"  MajorVersion=\"1\" MinorVersion=\"1\">\
                 <samlp:AssertionArtifact>{ST}</samlp:AssertionArtifact></samlp:Request>"
            ))
        );
        for (body, id) in [
            (plain(ST), Some("_192.168.16.51.1024506224022")),
            (of_java, None),
            (of_apache, None),
        ] {
            let request = asked(TARGET, &body).unwrap_or_else(|failure| panic!("{failure:?}: {body}"));
            assert_eq!(request.ticket.expose(), ST);
            assert_eq!(request.id.as_deref(), id);
            assert!(
                request
                    .target
                    .is_ok_and(|url| url.as_str() == "https://app.univ-x.fr/a?b=1")
            );
            assert!(!request.renew);
        }
        assert!(asked(&format!("{TARGET}&renew=true"), &plain(ST)).is_ok_and(|request| request.renew));
    }

    #[test]
    fn what_is_no_request_is_refused_and_never_a_fault_of_ours() {
        // CAS-213, CAS-214, CAS-338
        let bomb = format!(
            "<!DOCTYPE l [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;\">]>{}",
            plain("&b;")
        );
        let twice = envelope(&format!(
            "<Request xmlns=\"{PROTOCOL}\"><AssertionArtifact>{ST}</AssertionArtifact>\
             <AssertionArtifact>{ST}</AssertionArtifact></Request>"
        ));
        let foreign = plain(ST).replace("SAML:1.0:protocol", "SAML:2.0:protocol");
        let large = format!("{}{}", plain(ST), " ".repeat(LONGEST_REQUEST));
        let two_bodies = plain(ST).replace("</S:Envelope>", "<S:Body/></S:Envelope>");
        for body in [
            "",
            "ticket=ST-1",
            "<Envelope/>",
            &bomb,
            &twice,
            &foreign,
            &large,
            &two_bodies,
        ] {
            assert_eq!(
                asked(TARGET, body).err(),
                Some(ValidationFailure::InvalidRequest),
                "{body}"
            );
        }
        for query in ["", "TARGET=", "target=https://h/", "service=https://h/"] {
            let refused = asked(query, &plain(ST)).err();
            assert_eq!(refused, Some(ValidationFailure::InvalidRequest), "{query}");
        }
        let twice = format!("{TARGET}&{TARGET}");
        assert_eq!(
            asked(&twice, &plain(ST)).err(),
            Some(ValidationFailure::InvalidRequest)
        );
        for artifact in ["", "ST-1", "TGT-aaaaaaaaaaaaaaaaaaaaaaaaaaaaa"] {
            assert_eq!(
                asked(TARGET, &plain(artifact)).err(),
                Some(ValidationFailure::InvalidTicketSpec),
                "{artifact}"
            );
        }
    }

    #[test]
    fn an_id_that_could_break_out_of_its_attribute_is_not_repeated() {
        // CAS-216
        for (id, repeated) in [
            ("_a-b.1", true),
            ("a", true),
            ("", false),
            ("1", false),
            ("a\"b", false),
            ("a b", false),
            ("é", false),
        ] {
            assert_eq!(repeatable(id).is_some(), repeated, "{id}");
        }
        assert!(repeatable(&"a".repeat(LONGEST_ID + 1)).is_none());
    }
}
