//! A client that knows a server of this machine by the very certificate in its file, whoever signed it.
//! Stricter than authorities are, and of no use for anybody else's server.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::crypto::{
    WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature,
};
use tokio_rustls::rustls::{ClientConfig, DigitallySignedStruct, Error, SignatureScheme};

use super::{RootsError, provider};

/// Trusts whoever has the key of the first certificate of the PEM file at `path`, and nobody else.
pub fn client_config_for(path: &Path) -> Result<Arc<ClientConfig>, RootsError> {
    let provider = provider();
    let own = Own {
        certificate: first(path)?,
        algorithms: provider.signature_verification_algorithms,
        path: path.to_owned(),
    };
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(RootsError::Provider)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(own))
        .with_no_client_auth();
    Ok(Arc::new(config))
}

fn first(path: &Path) -> Result<CertificateDer<'static>, RootsError> {
    let unreadable = |cause: String| RootsError::Unreadable {
        path: path.to_owned(),
        cause,
    };
    let mut all = CertificateDer::pem_file_iter(path).map_err(|error| unreadable(error.to_string()))?;
    let first = all.next().ok_or_else(|| RootsError::Empty {
        path: path.to_owned(),
    })?;
    first.map_err(|error| unreadable(error.to_string()))
}

#[derive(Debug)]
struct Own {
    certificate: CertificateDer<'static>,
    algorithms: WebPkiSupportedAlgorithms,
    path: PathBuf,
}

impl ServerCertVerifier for Own {
    fn verify_server_cert(
        &self,
        shown: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if *shown == self.certificate {
            return Ok(ServerCertVerified::assertion());
        }
        let path = self.path.display();
        Err(Error::General(format!(
            "another certificate than that of {path} is shown; was it renewed without a reload?"
        )))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
