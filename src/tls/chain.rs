//! Whether the certificates of a file hang together, from the server's own up to the highest that the file
//! has: what a renewal leaves half done shows here, before clients see it (F-24). Whom they trust in the end
//! is their business, and that the key fits is `certificates`'.

use std::sync::Arc;
use std::time::Duration;

use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::client::WebPkiServerVerifier;
use tokio_rustls::rustls::client::danger::ServerCertVerifier;
use tokio_rustls::rustls::{CertificateError as Why, Error, RootCertStore};

use super::{provider, validity};
use crate::base::clock::Timestamp;

/// What is wrong with `chain`, the server's own first; `None` where nothing is, where there is only one,
/// and where we cannot judge.
pub(super) fn flaw(chain: &[CertificateDer<'_>], now: Timestamp) -> Option<String> {
    let (own, others) = chain.split_first()?;
    let parties = validity::parties(own)?;
    if others.is_empty() || parties.issuer == parties.subject {
        return None;
    }
    let path = path(parties.issuer, others);
    let Some((top, between)) = path.split_last() else {
        return Some("none of the other certificates is of who signed the server's own".to_owned());
    };
    path.iter()
        .find_map(|certificate| out_of_date(certificate, now))
        .or_else(|| refused(own, between, top, now))
}

/// From who signed the server's own upwards, by their names, as far as the file goes.
fn path<'a, 'b>(mut issuer: &'a [u8], others: &'a [CertificateDer<'b>]) -> Vec<&'a CertificateDer<'b>> {
    let mut path: Vec<&CertificateDer<'_>> = Vec::new();
    while let Some((next, parties)) = others.iter().find_map(|other| {
        let parties = validity::parties(other)?;
        let new = !path.iter().any(|known| std::ptr::eq(*known, other));
        (new && parties.subject == issuer).then_some((other, parties))
    }) {
        path.push(next);
        if parties.issuer == parties.subject {
            break;
        }
        issuer = parties.issuer;
    }
    path
}

/// Of one between: whoever signed itself is for clients to know, who have it without us.
fn out_of_date(certificate: &CertificateDer<'_>, now: Timestamp) -> Option<String> {
    let parties = validity::parties(certificate)?;
    let validity = validity::of(certificate)?;
    if parties.issuer == parties.subject {
        return None;
    }
    match () {
        () if now > validity.until => Some(format!(
            "a certificate between expired at {}",
            validity.until.to_rfc3339()
        )),
        () if now < validity.from => Some(format!(
            "a certificate between is valid from {} only",
            validity.from.to_rfc3339()
        )),
        () => None,
    }
}

/// What a client would say who trusts `top`. Keys that are too small to sign with (RSA below 2048 bits)
/// count as wrong signatures there.
fn refused(
    own: &CertificateDer<'_>,
    between: &[&CertificateDer<'_>],
    top: &CertificateDer<'_>,
    now: Timestamp,
) -> Option<String> {
    let mut roots = RootCertStore::empty();
    roots.add((*top).clone().into_owned()).ok()?;
    let between: Vec<CertificateDer<'_>> = between.iter().map(|one| (*one).clone()).collect();
    // The name is compared last, and any will do.
    match verdict(own, &between, roots, "localhost", now) {
        Some(Err(Error::InvalidCertificate(why))) => told(&why),
        _ => None,
    }
}

/// What a client says who trusts `roots` and asked for `host`; `None` where nobody can be asked so.
pub(super) fn verdict(
    own: &CertificateDer<'_>,
    between: &[CertificateDer<'_>],
    roots: RootCertStore,
    host: &str,
    now: Timestamp,
) -> Option<Result<(), Error>> {
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider()).build();
    let (Ok(verifier), Ok(name)) = (verifier, ServerName::try_from(host)) else {
        return None;
    };
    let moment = UnixTime::since_unix_epoch(Duration::from_millis(now.0));
    let verified = verifier.verify_server_cert(own, between, &name, &[], moment);
    Some(verified.map(drop))
}

fn told(why: &Why) -> Option<String> {
    match why {
        Why::BadSignature | Why::UnknownIssuer => {
            Some("a signature is wrong, or made with too small a key".to_owned())
        }
        Why::InvalidPurpose | Why::InvalidPurposeContext { .. } => {
            Some("the server's own is not for servers".to_owned())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};

    use super::*;

    const NOW: Timestamp = Timestamp(1_795_000_000_000);

    /// A certificate of `name` that `signer` signed, or itself.
    fn made(
        name: &str,
        authority: bool,
        signer: Option<&Issuer<'static, KeyPair>>,
        until: i32,
    ) -> (CertificateDer<'static>, Issuer<'static, KeyPair>) {
        let mut params = CertificateParams::new(vec!["cas.example.org".to_owned()]).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(until, 1, 1);
        if authority {
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        }
        let key = KeyPair::generate().unwrap();
        let certificate = match signer {
            Some(signer) => params.signed_by(&key, signer).unwrap(),
            None => params.self_signed(&key).unwrap(),
        };
        (certificate.der().clone(), Issuer::new(params, key))
    }

    #[test]
    fn what_a_renewal_leaves_half_done_shows() {
        // F-24
        let (root, by_root) = made("root", true, None, 2040);
        let (between, by_between) = made("between", true, Some(&by_root), 2040);
        let (old, by_old) = made("between of before", true, Some(&by_root), 2040);
        let (namesake, _) = made("between", true, Some(&by_root), 2040);
        let (expired, by_expired) = made("between", true, Some(&by_root), 2025);
        let (own, _) = made("own", false, Some(&by_between), 2040);
        let (other, _) = made("own", false, Some(&by_old), 2040);
        let (late, _) = made("own", false, Some(&by_expired), 2040);
        let flaw = |chain: &[&CertificateDer<'static>]| {
            let chain: Vec<_> = chain.iter().map(|one| (*one).clone()).collect();
            super::flaw(&chain, NOW)
        };
        assert_eq!(flaw(&[&own]), None, "nothing to compare it with");
        assert_eq!(flaw(&[&own, &between]), None);
        assert_eq!(flaw(&[&own, &between, &root]), None);
        assert_eq!(
            flaw(&[&own, &old, &root, &between]),
            None,
            "in any order, with more"
        );
        assert_eq!(flaw(&[&root, &between]), None, "who signs himself has no chain");
        assert!(flaw(&[&own, &old]).unwrap().contains("who signed"));
        assert!(flaw(&[&other, &between, &root]).unwrap().contains("who signed"));
        assert!(flaw(&[&own, &namesake]).unwrap().contains("signature"));
        assert!(flaw(&[&late, &expired]).unwrap().contains("expired at 2025"));
    }

    #[test]
    fn an_authority_that_signs_with_a_small_key_shows() {
        // F-24, T-14
        let pem = include_bytes!("../../tests/fixtures/tls/rsa1024-chain.pem");
        let chain = <CertificateDer as rustls_pki_types::pem::PemObject>::pem_slice_iter(pem);
        let chain: Vec<_> = chain.map(Result::unwrap).collect();
        assert_eq!(chain.len(), 2);
        let later = Timestamp(1_900_000_000_000);
        assert!(flaw(&chain, later).unwrap().contains("too small a key"));
    }
}
