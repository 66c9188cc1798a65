//! Log lines that a request tries to forge: each stays one line and one object, at every level.

use std::io::{Read, Write};
use std::net::TcpStream;

use crate::cli::demo::Demo;

/// Percent-encoded where they go into a form or a path, raw where a header takes them.
const HOSTILE: [&str; 8] = [
    "x\r\n{\"level\":\"ERROR\",\"message\":\"forged\"}",
    "x\n2026-11-27T00:00:00Z ERROR forged",
    "\u{1b}[2J\u{1b}[31mforged\u{1b}[0m",
    "\",\"forged\":\"yes",
    "\\\",\"forged\":\"yes\\",
    "\u{202e}degrof\u{2028}\u{2029}\u{85}",
    "\0\u{8}\u{7f}forged",
    "{{7*7}}${jndi:ldap://127.0.0.1/forged}%s%n",
];

fn sends(port: u16, request: &[u8]) -> Option<u16> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    // A server that has refused already may not take the rest.
    let _ = stream.write_all(request);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let head = String::from_utf8_lossy(&answer).into_owned();
    head.split(' ').nth(1)?.parse().ok()
}

#[test]
#[allow(clippy::too_many_lines, reason = "one request after the other")]
fn no_request_adds_a_line_or_a_field_to_the_log() {
    // T-92, SEC-11
    let demo = Demo::start(&[("RUST_LOG", "trace")]);
    let port = demo.cas;
    for text in HOSTILE {
        let encoded = crate::house::encoded(text);
        let form = format!("username={encoded}&password=p&lt={encoded}&service={encoded}&tenant={encoded}");
        let post = format!(
            "POST /cas/login HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
            form.len()
        );
        sends(port, post.as_bytes());
        for path in [
            format!("/cas/{encoded}"),
            format!("/cas/login?service={encoded}&lang={encoded}"),
            format!("/cas/serviceValidate?service={encoded}&ticket={encoded}&pgtUrl={encoded}"),
            format!("/cas/r/{encoded}"),
        ] {
            let get = format!("GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n");
            sends(port, get.as_bytes());
        }
        for name in [
            "User-Agent",
            "X-Request-Id",
            "X-Forwarded-For",
            "Referer",
            "Accept-Language",
            "Cookie",
            "Origin",
        ] {
            let raw = text.replace(['\r', '\n', '\0'], " ");
            let get = format!(
                "GET /cas/login HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n{name}: {raw}\r\n\r\n"
            );
            sends(port, get.as_bytes());
        }
    }
    let megabyte = "u".repeat(1 << 20);
    let get = format!(
        "GET /cas/login HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\nUser-Agent: {megabyte}\r\n\r\n"
    );
    let status = sends(port, get.as_bytes());
    assert!(matches!(status, None | Some(431)), "{status:?}");
    let log = demo.server.err.clone();
    demo.stop();
    log.until_said("\"stopped\"");
    let log = log.so_far();
    assert!(log.lines().count() > 50, "{log}");
    for line in log.lines() {
        let value: serde_json::Value =
            serde_json::from_str(line).unwrap_or_else(|_| panic!("no object: {line:?}"));
        let object = value.as_object().expect("an object");
        assert!(!object.contains_key("forged"), "{line}");
        assert!(
            object.get("message").and_then(|said| said.as_str()) != Some("forged"),
            "{line}"
        );
        assert!(line.len() < 64 * 1024, "{} bytes", line.len());
        assert!(
            !line
                .chars()
                .any(|c| c.is_control() || matches!(c, '\u{202e}' | '\u{2028}' | '\u{2029}')),
            "{line:?}"
        );
    }
}
