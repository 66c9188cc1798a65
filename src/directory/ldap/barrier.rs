//! What stands between us and a server before a word of LDAP is said: named, so that whoever mends it
//! knows where to look. What a server says afterwards is `answers`' work.

use std::fmt;
use std::io::{Error, ErrorKind};

use tokio_rustls::rustls::{self, CertificateError};

use crate::base::clock::Timestamp;

/// Why there is no connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Barrier {
    pub kind: BarrierKind,
    /// As the log has it.
    pub text: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BarrierKind {
    /// No address of that name, or none in time.
    Name,
    /// Nobody listens there.
    Closed,
    /// No way to that machine.
    NoWay,
    /// It does not answer: switched off, or a firewall drops what is sent.
    Silent,
    /// The other side speaks no TLS, or none that we speak.
    Tls,
    /// StartTLS is refused.
    StartTls,
    /// The certificate is for other names.
    OtherName(Vec<String>),
    /// The certificate has ended, when that is told.
    Expired(Option<Timestamp>),
    /// The certificate begins later.
    NotYet,
    /// Its authority is none of those that are trusted.
    Stranger,
    /// Something else about the certificate.
    BadCertificate,
    /// The service account is not let in.
    Account,
    /// This machine has no means left.
    Here,
}

impl Barrier {
    pub fn new(kind: BarrierKind, text: impl Into<String>) -> Barrier {
        Barrier {
            kind,
            text: text.into(),
        }
    }

    /// A connection that did not come about.
    pub fn of_dialling(error: &Error) -> Barrier {
        let kind = match error.kind() {
            ErrorKind::ConnectionRefused => BarrierKind::Closed,
            ErrorKind::TimedOut => BarrierKind::Silent,
            _ => BarrierKind::NoWay,
        };
        Barrier::new(kind, error.to_string())
    }

    /// A handshake that did not.
    pub fn of_handshake(error: &Error) -> Barrier {
        let cause = error
            .get_ref()
            .and_then(|inner| inner.downcast_ref::<rustls::Error>());
        let kind = match cause {
            Some(rustls::Error::InvalidCertificate(why)) => of_certificate(why),
            _ => BarrierKind::Tls,
        };
        Barrier::new(kind, format!("TLS: {error}"))
    }
}

impl fmt::Display for Barrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn of_certificate(why: &CertificateError) -> BarrierKind {
    match why {
        CertificateError::Expired => BarrierKind::Expired(None),
        CertificateError::ExpiredContext { not_after, .. } => {
            BarrierKind::Expired(Some(Timestamp(not_after.as_secs().saturating_mul(1000))))
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => BarrierKind::NotYet,
        CertificateError::NotValidForName => BarrierKind::OtherName(Vec::new()),
        CertificateError::NotValidForNameContext { presented, .. } => {
            BarrierKind::OtherName(presented.clone())
        }
        CertificateError::UnknownIssuer => BarrierKind::Stranger,
        _ => BarrierKind::BadCertificate,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_port_a_silent_machine_and_a_bad_certificate_are_told_apart() {
        let dialled = |kind: ErrorKind| Barrier::of_dialling(&Error::from(kind)).kind;
        assert_eq!(dialled(ErrorKind::ConnectionRefused), BarrierKind::Closed);
        assert_eq!(dialled(ErrorKind::HostUnreachable), BarrierKind::NoWay);
        let shaken = |why: CertificateError| {
            let error = Error::new(ErrorKind::InvalidData, rustls::Error::InvalidCertificate(why));
            Barrier::of_handshake(&error).kind
        };
        assert_eq!(shaken(CertificateError::Expired), BarrierKind::Expired(None));
        assert_eq!(shaken(CertificateError::UnknownIssuer), BarrierKind::Stranger);
        assert_eq!(
            shaken(CertificateError::BadSignature),
            BarrierKind::BadCertificate
        );
        assert_eq!(
            Barrier::of_handshake(&Error::from(ErrorKind::UnexpectedEof)).kind,
            BarrierKind::Tls
        );
    }
}
