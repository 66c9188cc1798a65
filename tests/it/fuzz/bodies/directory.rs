//! What goes to a directory and what comes from it: filters, and the bytes of its answers.

use bytes::Bytes;
use lber::parse::parse_tag;
use lber::structure::{PL, StructureTag};
use lber::structures::ASNTag;
use mereau::directory::Filter;
use mereau::directory::ldap::guard::{Watch, stand};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

use super::parts;

/// First line a value, as it was typed; second line a filter, as it was configured. A value is one value,
/// to us and to ldap3, whatever is in it (T-51); a filter that is read is printed as the same one.
pub fn ldap_filter(data: &[u8]) {
    let mut lines = data.split(|byte| *byte == b'\n');
    let value = lines.next().unwrap_or_default();
    let equal = Filter::Equal("uid".to_owned(), value.to_vec());
    let printed = equal.to_string();
    assert_eq!(Filter::parse(&printed).as_ref(), Ok(&equal), "{printed}");
    // An empty value is no value to LDAP; nobody is searched for with one.
    if !value.is_empty() {
        assert_eq!(
            seen_by_ldap3(&printed),
            Some((b"uid".to_vec(), value.to_vec())),
            "{printed}"
        );
    }
    let configured = parts(data).nth(1).unwrap_or_default();
    let Ok(filter) = Filter::parse(configured) else {
        return;
    };
    let printed = filter.to_string();
    assert_eq!(
        Filter::parse(&printed).as_ref(),
        Ok(&filter),
        "{configured} is printed as {printed}"
    );
    let both = filter.and(Some(&equal)).to_string();
    assert!(Filter::parse(&both).is_ok(), "{both}");
}

/// Attribute and value of an equality, as ldap3 puts them on the wire.
fn seen_by_ldap3(filter: &str) -> Option<(Vec<u8>, Vec<u8>)> {
    let tag = ldap3::parse_filter(filter).ok()?.into_structure();
    let bytes = |tag: &StructureTag| match &tag.payload {
        PL::P(bytes) => Some(bytes.clone()),
        PL::C(_) => None,
    };
    match (&tag.payload, tag.id) {
        (PL::C(both), 3) if both.len() == 2 => Some((bytes(&both[0])?, bytes(&both[1])?)),
        _ => None,
    }
}

/// Bytes of a server: what the guard lets through is a beginning of them, whole messages that ldap3's
/// reader understands (F-15).
pub fn ber_guard(data: &[u8]) {
    thread_local! {
        static RUNTIME: tokio::runtime::Runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .build()
            .unwrap();
    }
    let passed = RUNTIME.with(|runtime| runtime.block_on(through(data)));
    assert!(data.starts_with(&passed));
    let mut rest: &[u8] = &passed;
    while !rest.is_empty() {
        let before = rest.len();
        let (left, tag) = parse_tag(rest).expect("ldap3 reads what is let through");
        assert!(
            matches!(tag.payload, PL::C(ref parts) if parts.len() >= 2),
            "{tag:?}"
        );
        rest = left;
        assert!(rest.len() < before);
    }
}

async fn through(data: &[u8]) -> Vec<u8> {
    let (mut server, near) = tokio::io::duplex(4096);
    let (client, mut ldap3) = UnixStream::pair().unwrap();
    let watch = Watch::default();
    let send = async move {
        // In two pieces, since messages come as they come.
        let (first, second) = data.split_at(data.len() / 2);
        for piece in [first, second] {
            if server.write_all(piece).await.is_err() {
                break;
            }
        }
        let _ = server.shutdown().await;
    };
    let receive = async {
        let mut got = Vec::new();
        let _ = ldap3.read_to_end(&mut got).await;
        got
    };
    let ((), got, ()) = tokio::join!(stand(near, client, &watch), receive, send);
    let whole = Bytes::from(got);
    assert!(watch.violation().is_none() || whole.len() < data.len());
    whole.to_vec()
}
