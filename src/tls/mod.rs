//! The one TLS provider of the server (rustls with ring): who we are to clients, whom we trust
//! when we are the client. It opens no connection itself and never relies on a process default.

mod certificates;
mod chain;
mod judged;
mod own;
mod validity;

use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use certificates::{CertificateError, ServerCertificates};
pub use judged::{OwnCertificate, own_certificate};
pub use own::client_config_for;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use tokio_rustls::rustls::crypto::CryptoProvider;
use tokio_rustls::rustls::{self, ClientConfig, RootCertStore, ServerConfig};

use crate::base::clock::Timestamp;

/// Where the server's own certificate lies: two PEM files, chain first-to-last and its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsSettings {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

/// Whom a client of ours trusts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Roots {
    /// The operating system's store.
    #[default]
    System,
    /// Only the certificates of this PEM file.
    File(PathBuf),
    /// Only these certificates, in PEM.
    Pem(Vec<u8>),
}

/// Why a client could not be told whom to trust.
#[derive(Debug, thiserror::Error)]
pub enum RootsError {
    #[error("{path}: cannot be read as PEM certificates: {cause}")]
    Unreadable { path: PathBuf, cause: String },
    #[error("{path}: holds no certificate")]
    Empty { path: PathBuf },
    #[error("the system's store of certificates holds none we can use")]
    NoSystemRoots,
    #[error("the TLS provider refuses its own protocol versions")]
    Provider(#[source] rustls::Error),
}

/// The provider that every configuration here names explicitly.
pub fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// Makes our provider the process default, for crates that ask for one instead of taking it. Call
/// once, first thing; a later call changes nothing.
pub fn install_default() {
    // An error means that a default stands already, which is all we want.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// TLS 1.2 and 1.3 with the current certificate of `certificates`, HTTP/2 preferred over HTTP/1.1.
pub fn server_config(certificates: Arc<ServerCertificates>) -> Result<Arc<ServerConfig>, rustls::Error> {
    let mut config = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_cert_resolver(certificates);
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// A client that checks chain and host name against `roots`; there is no way to check less.
pub fn client_config(roots: &Roots) -> Result<Arc<ClientConfig>, RootsError> {
    let store = match roots {
        Roots::System => system_roots()?,
        Roots::File(path) => roots_of(CertificateDer::pem_file_iter(path), path)?,
        Roots::Pem(pem) => roots_of(Ok(CertificateDer::pem_slice_iter(pem)), Path::new("ca_file"))?,
    };
    let config = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(RootsError::Provider)?
        .with_root_certificates(store)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

/// The last moment at which a certificate (DER) is valid; `None` when it cannot be read.
pub fn expires(certificate: &[u8]) -> Option<Timestamp> {
    validity::of(certificate).map(|validity| validity.until)
}

fn system_roots() -> Result<RootCertStore, RootsError> {
    let found = rustls_native_certs::load_native_certs();
    let mut store = RootCertStore::empty();
    let (usable, _) = store.add_parsable_certificates(found.certs);
    if usable == 0 {
        return Err(RootsError::NoSystemRoots);
    }
    Ok(store)
}

/// Roots out of PEM that stands at `path`.
fn roots_of<E: Display>(
    certificates: Result<impl Iterator<Item = Result<CertificateDer<'static>, E>>, E>,
    path: &Path,
) -> Result<RootCertStore, RootsError> {
    let unreadable = |cause: String| RootsError::Unreadable {
        path: path.to_owned(),
        cause,
    };
    let mut store = RootCertStore::empty();
    for certificate in certificates.map_err(|error| unreadable(error.to_string()))? {
        let certificate = certificate.map_err(|error| unreadable(error.to_string()))?;
        store
            .add(certificate)
            .map_err(|error| unreadable(error.to_string()))?;
    }
    if store.is_empty() {
        return Err(RootsError::Empty {
            path: path.to_owned(),
        });
    }
    Ok(store)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_certificates_is_no_set_of_roots() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ca.pem");
        std::fs::write(&path, "no certificate here\n").unwrap();
        assert!(matches!(
            client_config(&Roots::File(path)),
            Err(RootsError::Empty { .. })
        ));
    }

    #[test]
    fn a_missing_file_of_roots_is_named_in_the_error() {
        let path = PathBuf::from("/nonexistent/ca.pem");
        let error = client_config(&Roots::File(path)).err().unwrap();
        assert!(error.to_string().contains("/nonexistent/ca.pem"));
    }
}
