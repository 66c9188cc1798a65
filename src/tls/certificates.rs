//! The server's certificate, replaceable while connections are open. It watches no file: whoever
//! hears the signal calls `reload`.

use std::path::PathBuf;
use std::sync::{Arc, RwLock};

use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::{ClientHello, ResolvesServerCert};
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_rustls::rustls::{self};

use super::{TlsSettings, chain, provider, validity};
use crate::base::clock::{Clock, Timestamp};

/// Why a pair of files cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    #[error("{path}: {cause}")]
    Unreadable { path: PathBuf, cause: String },
    #[error("{path}: holds no certificate")]
    Empty { path: PathBuf },
    /// The key belongs to another certificate, or is of a kind or size that we refuse (RSA below
    /// 2048 bits, T-14).
    #[error("certificate and key cannot be used together: {0}")]
    Unusable(#[source] rustls::Error),
    #[error("the certificate expired at {until}")]
    Expired { until: String },
    #[error("the certificate is valid from {from} only")]
    NotYetValid { from: String },
    #[error("the dates of the certificate cannot be read")]
    Undated,
    /// Clients would refuse it.
    #[error("{path}: {flaw}")]
    Unchained { path: PathBuf, flaw: String },
}

/// The pair in service; every handshake takes the one that is current then.
pub struct ServerCertificates {
    files: TlsSettings,
    current: RwLock<Arc<CertifiedKey>>,
}

impl ServerCertificates {
    /// Reads and checks the pair; a server does not start without a good one.
    pub fn load(files: TlsSettings, clock: &dyn Clock) -> Result<ServerCertificates, CertificateError> {
        let current = RwLock::new(Arc::new(read(&files, clock)?));
        Ok(ServerCertificates { files, current })
    }

    /// Reads the files again. On any problem the pair in service stays (F-24); open connections
    /// keep theirs in any case (T-13).
    pub fn reload(&self, clock: &dyn Clock) -> Result<(), CertificateError> {
        let next = Arc::new(read(&self.files, clock)?);
        *self
            .current
            .write()
            .unwrap_or_else(|poisoned| poisoned.into_inner()) = next;
        Ok(())
    }

    /// When the certificate in service ends.
    pub fn until(&self) -> Option<Timestamp> {
        let current = self.current();
        current.cert.first().and_then(|own| super::expires(own))
    }

    fn current(&self) -> Arc<CertifiedKey> {
        let current = self
            .current
            .read()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        Arc::clone(&current)
    }
}

impl ResolvesServerCert for ServerCertificates {
    /// One certificate whatever name is asked for: institutions' host names are its alternative
    /// names.
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current())
    }
}

impl std::fmt::Debug for ServerCertificates {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("ServerCertificates").field(&self.files).finish()
    }
}

/// The pair, good to be served.
pub(super) fn read(files: &TlsSettings, clock: &dyn Clock) -> Result<CertifiedKey, CertificateError> {
    let unreadable = |path: &PathBuf, cause: String| CertificateError::Unreadable {
        path: path.clone(),
        cause,
    };
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(&files.certificate)
        .and_then(Iterator::collect)
        .map_err(|error| unreadable(&files.certificate, error.to_string()))?;
    let Some(own) = chain.first() else {
        return Err(CertificateError::Empty {
            path: files.certificate.clone(),
        });
    };
    check_dates(own, clock)?;
    let key = PrivateKeyDer::from_pem_file(&files.key)
        .map_err(|error| unreadable(&files.key, error.to_string()))?;
    let flaw = chain::flaw(&chain, clock.now());
    let pair = CertifiedKey::from_der(chain, key, &provider()).map_err(CertificateError::Unusable)?;
    match flaw {
        None => Ok(pair),
        Some(flaw) => Err(CertificateError::Unchained {
            path: files.certificate.clone(),
            flaw,
        }),
    }
}

fn check_dates(certificate: &CertificateDer<'_>, clock: &dyn Clock) -> Result<(), CertificateError> {
    let validity = validity::of(certificate).ok_or(CertificateError::Undated)?;
    let now = clock.now();
    if now > validity.until {
        return Err(CertificateError::Expired {
            until: validity.until.to_rfc3339(),
        });
    }
    if now < validity.from {
        return Err(CertificateError::NotYetValid {
            from: validity.from.to_rfc3339(),
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::time::Duration;

    use super::*;
    use crate::base::clock::{HandClock, SystemClock};

    /// Writes a self-signed pair for localhost and returns its certificate.
    fn write_pair(folder: &Path, certificate: bool, key: bool) -> String {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        if certificate {
            std::fs::write(folder.join("cert.pem"), made.cert.pem()).unwrap();
        }
        if key {
            std::fs::write(folder.join("key.pem"), made.signing_key.serialize_pem()).unwrap();
        }
        made.cert.pem()
    }

    fn files(folder: &Path) -> TlsSettings {
        TlsSettings {
            certificate: folder.join("cert.pem"),
            key: folder.join("key.pem"),
        }
    }

    #[test]
    fn a_pair_that_does_not_match_is_refused_and_the_old_one_stays() {
        // T-13, T-14, F-24
        let folder = tempfile::tempdir().unwrap();
        write_pair(folder.path(), true, true);
        let certificates = ServerCertificates::load(files(folder.path()), &SystemClock).unwrap();
        let before = certificates.current();

        write_pair(folder.path(), true, false);
        let refused = certificates.reload(&SystemClock);
        assert!(matches!(refused, Err(CertificateError::Unusable(_))));
        std::fs::write(folder.path().join("cert.pem"), "garbage").unwrap();
        assert!(certificates.reload(&SystemClock).is_err());
        std::fs::remove_file(folder.path().join("cert.pem")).unwrap();
        assert!(certificates.reload(&SystemClock).is_err());
        assert!(Arc::ptr_eq(&before, &certificates.current()));

        write_pair(folder.path(), true, true);
        certificates.reload(&SystemClock).unwrap();
        assert!(!Arc::ptr_eq(&before, &certificates.current()));
    }

    #[test]
    fn an_expired_certificate_and_one_of_tomorrow_are_refused() {
        // T-14
        let folder = tempfile::tempdir().unwrap();
        let mut wanted = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        wanted.not_before = rcgen::date_time_ymd(2026, 3, 1);
        wanted.not_after = rcgen::date_time_ymd(2026, 4, 1);
        let key = rcgen::KeyPair::generate().unwrap();
        let made = wanted.self_signed(&key).unwrap();
        std::fs::write(folder.path().join("cert.pem"), made.pem()).unwrap();
        std::fs::write(folder.path().join("key.pem"), key.serialize_pem()).unwrap();

        let march_first = 1_772_323_200_000;
        let clock = HandClock::at(crate::base::clock::Timestamp(march_first - 1000));
        let early = ServerCertificates::load(files(folder.path()), &clock);
        assert!(
            matches!(early, Err(CertificateError::NotYetValid { from }) if from == "2026-03-01T00:00:00Z")
        );
        clock.advance(Duration::from_secs(86_400));
        assert!(ServerCertificates::load(files(folder.path()), &clock).is_ok());
        clock.advance(Duration::from_secs(86_400 * 31));
        let late = ServerCertificates::load(files(folder.path()), &clock);
        assert!(matches!(late, Err(CertificateError::Expired { until }) if until == "2026-04-01T00:00:00Z"));
    }
}
