//! What browsers and proxies send beside the query: forms, cookies, whose address it is, what was read
//! off a picture.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};
use ipnet::IpNet;
use mereau::base::names::RealmId;
use mereau::guard::captcha::{SYMBOLS_SHOWN, looks_like};
use mereau::http::cookies::{CookieScope, Cookies, MOST_REALMS};
use mereau::http::layers::resolve;
use mereau::http::server::announced;
use mereau::protocol::Params;

/// Fields of our forms.
const FIELDS: [&str; 7] = [
    "username",
    "password",
    "new",
    "lt",
    "execution",
    "identifier",
    "captcha-answer",
];

/// A body of a form: each field has the value that other software reads, whole, or is refused.
pub fn form_decoder(data: &[u8]) {
    let params = Params::of_query_and_form(b"", data);
    for name in FIELDS {
        let theirs: Vec<String> = url::form_urlencoded::parse(data)
            .filter(|(known, value)| known == name && !value.is_empty())
            .map(|(_, value)| value.into_owned())
            .collect();
        match params.first(name) {
            Ok(ours) => {
                // What is no UTF-8 stays escaped here, and is a sign elsewhere.
                let plain = |text: &str| text.replace("%20", " ");
                let first = theirs.first().map(String::as_str);
                if !first.is_some_and(|value| value.contains('\u{fffd}')) {
                    assert_eq!(ours.map(plain), first.map(plain), "{name}");
                }
            }
            Err(_) => assert!(!theirs.is_empty(), "{name} is refused and not there"),
        }
        let once = theirs.len() == 1;
        if let Ok(Some(agreed)) = params.agreed(name) {
            assert_eq!(params.first(name), Ok(Some(agreed)));
            assert!(!once || params.hint(name).is_some());
        }
        if let Ok(only) = params.only(name) {
            assert_eq!(params.first(name), Ok(only));
        }
    }
    let repeated = params.repeated_names();
    assert!(repeated.windows(2).all(|pair| pair[0] < pair[1]));
}

/// `Cookie` headers, one a line: what is taken out of them was there, and is as it has to be.
pub fn cookies(data: &[u8]) {
    let mut headers = HeaderMap::new();
    for line in data.split(|byte| *byte == b'\n') {
        if let Ok(value) = HeaderValue::from_bytes(line) {
            headers.append(COOKIE, value);
        }
    }
    let text = String::from_utf8_lossy(data);
    for secure in [true, false] {
        let cookies = Cookies::read(&headers, CookieScope { secure, base: "/cas" });
        let (sessions, broken) = cookies.sessions();
        assert!(sessions.len() <= MOST_REALMS);
        for (realm, tgt) in &sessions {
            assert!(text.contains(tgt.expose()) && text.contains(realm.as_str()));
        }
        assert!(broken.iter().all(|realm| text.contains(realm.as_str())));
        let presession = cookies.presession().unwrap_or("a");
        assert!(presession.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        for value in [
            cookies.device(),
            cookies.goodbye(),
            cookies.recent(),
            cookies.language(),
            cookies.flow("abcdefghijkl"),
            cookies.proof(&RealmId::new("campus").unwrap()),
        ] {
            let value = value.unwrap_or_default();
            assert!(text.contains(value) && !value.contains(';'), "{value}");
        }
        let _ = (cookies.departures(), cookies.stays());
    }
}

/// `X-Forwarded-For` headers, one a line: nobody but a listed proxy is believed, and nobody behind it
/// hides the address that it saw (T-15).
pub fn forwarded(data: &[u8]) {
    let trusted: Vec<IpNet> = ["10.0.0.0/8", "2001:db8:1::/48"]
        .map(|net| net.parse().unwrap())
        .into();
    let (proxy, stranger) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([192, 0, 2, 9]));
    let mut headers = HeaderMap::new();
    for line in data.split(|byte| *byte == b'\n') {
        if let Ok(value) = HeaderValue::from_bytes(line) {
            headers.append("x-forwarded-for", value);
        }
    }
    let no_alarm = || panic!("a stranger is not believed");
    assert_eq!(resolve(stranger, &headers, &trusted, no_alarm).0, stranger);
    let client = resolve(proxy, &headers, &trusted, || {}).0;
    assert_eq!(client, client.to_canonical());
    if client != proxy {
        let entries = String::from_utf8_lossy(data).replace(['\n', '[', ']'], ",");
        let named = entries.split(',').any(|entry| {
            let address = entry.trim().parse::<IpAddr>().ok();
            let socket = || {
                entry
                    .trim()
                    .parse::<std::net::SocketAddr>()
                    .ok()
                    .map(|socket| socket.ip())
            };
            address
                .or_else(socket)
                .is_some_and(|address| address.to_canonical() == client)
        });
        let with_port = entries.contains(&client.to_string()) || client.is_ipv6();
        assert!(named || with_port, "{client} was named by nobody");
    }
    // What the nearest proxy saw is at the end, whatever stands before it.
    for (seen, expected) in [
        ("198.51.100.7", [198, 51, 100, 7]),
        ("::ffff:198.51.100.7", [198, 51, 100, 7]),
    ] {
        let mut more = headers.clone();
        more.append("x-forwarded-for", HeaderValue::from_static(seen));
        assert_eq!(resolve(proxy, &more, &trusted, || {}).0, IpAddr::from(expected));
    }
}

/// What somebody typed under a picture: it is one answer at most, however it is spaced and whichever
/// way letters are written.
pub fn captcha_answer(data: &[u8]) {
    const PICTURES: [&[u8; SYMBOLS_SHOWN]; 6] =
        [b"ABCDEH", b"KMNRST", b"UYZABC", b"DDDDDD", b"ZASBCE", b"RUKHEN"];
    const SOUNDS: [&[u8; 6]; 4] = [b"012345", b"678901", b"000000", b"424242"];
    let text = std::str::from_utf8(data).unwrap_or_default();
    let right: Vec<&[u8; 6]> = PICTURES
        .into_iter()
        .chain(SOUNDS)
        .filter(|right| looks_like(text, *right))
        .collect();
    let pictures = right.iter().filter(|right| PICTURES.contains(right));
    assert!(pictures.count() <= 1, "{right:?}");
    let sounds = right.iter().filter(|right| SOUNDS.contains(right));
    assert!(sounds.count() <= 1, "{right:?}");
    if let Some(right) = right.first() {
        let spaced: String = text.chars().flat_map(|c| [c, ' ']).take(20).collect();
        let whole = text.chars().count() <= 10;
        assert!(!whole || looks_like(&spaced, *right), "{spaced:?}");
        assert!(!looks_like(&[text, "A"].concat(), *right));
    }
    assert!(!looks_like("", b"ABCDEH") && !looks_like(&"A".repeat(200), b"AAAAAA"));
}

/// What a proxy says of a connection before its first byte (T-16): the source stands where the protocol puts it,
/// and the bytes behind the announcement are all left.
pub fn proxy_announcement(data: &[u8]) {
    let peer = SocketAddr::from(([10, 0, 0, 9], 5000));
    let mut left = data;
    let told = {
        let mut reading = pin!(announced::read(&mut left, peer));
        let Poll::Ready(told) = reading.as_mut().poll(&mut Context::from_waker(Waker::noop())) else {
            panic!("bytes that are here are waited for");
        };
        told
    };
    let Ok(from) = told else {
        return;
    };
    assert!(data.starts_with(b"\r\n\r\n\0\r\nQUIT\n") && data[12] >> 4 == 2);
    let number = |at: usize| u16::from_be_bytes([data[at], data[at + 1]]);
    assert_eq!(left, &data[16 + usize::from(number(14))..]);
    match (data[12] & 0xf, data[13]) {
        (1, 0x11) => {
            let source = [data[16], data[17], data[18], data[19]];
            assert_eq!(from, SocketAddr::from((source, number(24))));
        }
        (1, 0x21) => {
            let source: [u8; 16] = data[16..32].try_into().unwrap();
            let source = IpAddr::V6(Ipv6Addr::from(source)).to_canonical();
            assert_eq!(from, SocketAddr::new(source, number(48)));
        }
        _ => assert_eq!(from, peer),
    }
}
