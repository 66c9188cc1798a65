//! What is to be said of the server's own certificate before anybody is shown it. It is served all the same:
//! whom a client trusts is the client's business.

use rustls_pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::client::verify_server_name;
use tokio_rustls::rustls::server::ParsedCertificate;
use tokio_rustls::rustls::{CertificateError as Why, Error, SignatureAlgorithm};

use super::certificates::{self, CertificateError};
use super::{TlsSettings, chain, system_roots, validity};
use crate::base::clock::{Clock, Timestamp};

/// A certificate that can be served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnCertificate {
    pub until: Timestamp,
    /// In the file, the server's own among them.
    pub count: usize,
    /// `RSA`, `ECDSA`…
    pub key: &'static str,
    /// It is for the host that was asked about.
    pub named: bool,
    /// The file leads to an authority that this machine trusts.
    pub chained: bool,
}

/// Reads the pair as the server does; an error is why it cannot be served.
pub fn own_certificate(
    files: &TlsSettings,
    host: &str,
    clock: &dyn Clock,
) -> Result<OwnCertificate, CertificateError> {
    let pair = certificates::read(files, clock)?;
    let own = pair.cert.first().ok_or(CertificateError::Undated)?;
    let until = validity::of(own).ok_or(CertificateError::Undated)?.until;
    Ok(OwnCertificate {
        until,
        count: pair.cert.len(),
        key: match pair.key.algorithm() {
            SignatureAlgorithm::RSA => "RSA, whose handshakes cost three times those of ECDSA",
            SignatureAlgorithm::ECDSA => "ECDSA",
            SignatureAlgorithm::ED25519 => "Ed25519",
            _ => "of another kind",
        },
        named: is_for(own, host),
        chained: is_chained(&pair.cert, host, clock.now()),
    })
}

fn is_for(own: &CertificateDer<'_>, host: &str) -> bool {
    let (Ok(parsed), Ok(name)) = (ParsedCertificate::try_from(own), ServerName::try_from(host)) else {
        return false;
    };
    verify_server_name(&parsed, &name).is_ok()
}

/// Whether an authority of this machine signed the file, whatever the name in it.
fn is_chained(chain: &[CertificateDer<'_>], host: &str, now: Timestamp) -> bool {
    let (Some((own, rest)), Ok(roots)) = (chain.split_first(), system_roots()) else {
        // Without authorities here nothing can be said.
        return true;
    };
    let other_name = Error::InvalidCertificate(Why::NotValidForName);
    match chain::verdict(own, rest, roots, host, now) {
        None | Some(Ok(())) => true,
        Some(Err(Error::InvalidCertificate(Why::NotValidForNameContext { .. }))) => true,
        Some(Err(error)) => error == other_name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::clock::SystemClock;

    fn judged(names: &[&str], host: &str) -> OwnCertificate {
        let folder = tempfile::tempdir().unwrap();
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let made = rcgen::generate_simple_self_signed(names).unwrap();
        let files = TlsSettings {
            certificate: folder.path().join("cert.pem"),
            key: folder.path().join("key.pem"),
        };
        std::fs::write(&files.certificate, made.cert.pem()).unwrap();
        std::fs::write(&files.key, made.signing_key.serialize_pem()).unwrap();
        own_certificate(&files, host, &SystemClock).unwrap()
    }

    #[test]
    fn a_certificate_for_another_host_and_one_that_nobody_knows_are_told() {
        let own = judged(&["cas.univ.example"], "cas.univ.example");
        assert_eq!((own.count, own.named, own.chained), (1, true, false));
        assert_eq!(own.key, "ECDSA");
        assert!(!judged(&["other.example"], "cas.univ.example").named);
    }
}
