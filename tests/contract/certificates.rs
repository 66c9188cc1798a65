//! A certificate authority of the tests' own, and the certificates it signs.
#![allow(dead_code, reason = "no suite needs all of it")]

use std::fs;
use std::path::{Path, PathBuf};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};

/// An authority that only the test that made it trusts.
pub struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate with its key, on disk as servers want them.
pub struct Certificate {
    pub certificate: PathBuf,
    pub key: PathBuf,
    pub authority: PathBuf,
}

impl Authority {
    pub fn new() -> Authority {
        let mut params = CertificateParams::new(Vec::new()).expect("no names, no error");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params
            .distinguished_name
            .push(DnType::CommonName, "Tests of Mereau");
        let key = KeyPair::generate().expect("a key");
        let pem = params
            .self_signed(&key)
            .expect("the authority's certificate")
            .pem();
        Authority {
            pem,
            issuer: Issuer::new(params, key),
        }
    }

    /// The authority's certificate, as clients load it.
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// A certificate for `names` (host names and addresses), with its key, in PEM.
    pub fn issue(&self, names: &[&str]) -> (String, String) {
        self.issue_as(names, |_| {})
    }

    /// The same with something else in the certificate.
    pub fn issue_as(&self, names: &[&str], change: impl FnOnce(&mut CertificateParams)) -> (String, String) {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).expect("well-formed names");
        params.distinguished_name.push(DnType::CommonName, "test server");
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        change(&mut params);
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        (certificate.pem(), key.serialize_pem())
    }

    /// The same, written into `folder` as `server.pem`, `server.key` and `ca.pem`.
    pub fn issue_into(&self, folder: &Path, names: &[&str]) -> Certificate {
        let (certificate, key) = self.issue(names);
        let write = |name: &str, text: &str| {
            let path = folder.join(name);
            fs::write(&path, text).expect("a file for the certificate");
            path
        };
        Certificate {
            certificate: write("server.pem", &certificate),
            key: write("server.key", &key),
            authority: write("ca.pem", &self.pem),
        }
    }
}
