//! One HTTP/1 request head as raw bytes: where it ends, whether it may go on to hyper, and how long
//! its body is. Pure; `filter` feeds it.
//!
//! Only what the parsed request no longer shows is decided here: hyper drops `Content-Length` when
//! `Transfer-Encoding` is there too, takes a bare LF for a line end and refuses Latin-1 in the
//! target. Host, method and path are judged after parsing, for every HTTP version alike
//! (`layers::edge_guard`).

use bytes::Bytes;
use http::StatusCode;
use memchr::{memchr, memchr3};

use super::ServerSettings;
use crate::http::BEYOND_ASCII;

/// How the body that follows a head ends (RFC 9112 §6.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    Length(u64),
    Chunked,
}

/// A head that hyper may read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Admitted {
    pub head: Bytes,
    pub framing: Framing,
}

/// Looks for the end of the head, remembering how far it has looked.
#[derive(Debug, Default)]
pub(super) struct Search {
    seen: usize,
    line_start: usize,
    lines: usize,
    target_line: usize,
}

impl Search {
    /// Nothing of the head has been seen yet.
    pub(super) fn is_fresh(&self) -> bool {
        self.seen == 0
    }

    /// `Ok(Some(length))` of the whole head with its empty line, `Ok(None)` if more must come.
    /// `bytes` grows from call to call and always starts at the request line.
    pub(super) fn end(&mut self, bytes: &[u8], limits: &ServerSettings) -> Result<Option<usize>, StatusCode> {
        // A CR that ended what came before is looked at again, with what follows it.
        let mut from = match self.seen.checked_sub(1) {
            Some(last) if bytes.get(last) == Some(&b'\r') => last,
            _ => self.seen,
        };
        let here = |from| bytes.get(from..).unwrap_or_default();
        while let Some(at) = memchr3(b'\r', b'\n', 0, here(from)).map(|at| from + at) {
            match (bytes.get(at), bytes.get(at + 1)) {
                (Some(b'\r'), Some(b'\n')) => {}
                (Some(b'\r'), None) => break,
                _ => return Err(StatusCode::BAD_REQUEST),
            }
            self.check_size(at + 1, limits)?;
            from = at + 2;
            if from - self.line_start == 2 && self.lines > 0 {
                return Ok(Some(from));
            }
            self.line_ended(from);
        }
        self.check_size(bytes.len(), limits)?;
        self.seen = bytes.len();
        Ok(None)
    }

    fn line_ended(&mut self, next: usize) {
        if self.lines == 0 {
            self.target_line = next;
        }
        self.lines += 1;
        self.line_start = next;
    }

    fn check_size(&self, length: usize, limits: &ServerSettings) -> Result<(), StatusCode> {
        // Room for the method and the version around the target.
        if self.lines == 0 && length > limits.longest_target + 32 {
            return Err(StatusCode::URI_TOO_LONG);
        }
        if self.lines > 0 && length - self.target_line > limits.largest_header_block {
            return Err(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
        }
        Ok(())
    }
}

/// Judges a whole head (with its final empty line) and percent-encodes the bytes above ASCII in its
/// target (CAS-8).
pub(super) fn admit(head: Bytes, limits: &ServerSettings) -> Result<Admitted, StatusCode> {
    let end = memchr(b'\r', &head).ok_or(StatusCode::BAD_REQUEST)?;
    let (line, fields) = head.split_at(end);
    let framing = framing(fields, line.ends_with(b" HTTP/1.1"))?;
    if line.is_ascii() {
        check_line(line, limits)?;
        return Ok(Admitted { head, framing });
    }
    let line = percent_encoding::percent_encode(line, BEYOND_ASCII).to_string();
    check_line(line.as_bytes(), limits)?;
    Ok(Admitted {
        head: [line.as_bytes(), fields].concat().into(),
        framing,
    })
}

fn check_line(line: &[u8], limits: &ServerSettings) -> Result<(), StatusCode> {
    if line.len() > limits.longest_target + 32 {
        return Err(StatusCode::URI_TOO_LONG);
    }
    Ok(())
}

/// The framing that the fields announce, by the strictest reading: exactly one way, said once.
fn framing(fields: &[u8], chunked_known: bool) -> Result<Framing, StatusCode> {
    let mut length = None;
    let mut chunked = None;
    let mut rest = fields;
    while let Some((field, behind)) = memchr(b'\n', rest).and_then(|end| rest.split_at_checked(end + 1)) {
        rest = behind;
        let field = field.strip_suffix(b"\r\n").unwrap_or(field);
        if field.is_empty() {
            continue;
        }
        let (name, value) = split_field(field).ok_or(StatusCode::BAD_REQUEST)?;
        let twice = if name.eq_ignore_ascii_case(b"content-length") {
            length.replace(decimal(value)?).is_some()
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            if !value.eq_ignore_ascii_case(b"chunked") || !chunked_known {
                return Err(StatusCode::BAD_REQUEST);
            }
            chunked.replace(Framing::Chunked).is_some()
        } else {
            false
        };
        if twice {
            return Err(StatusCode::BAD_REQUEST);
        }
    }
    match (length, chunked) {
        (Some(_), Some(_)) => Err(StatusCode::BAD_REQUEST),
        (None, Some(chunked)) => Ok(chunked),
        (length, None) => Ok(Framing::Length(length.unwrap_or(0))),
    }
}

/// Whether the byte may stand in a token (RFC 9110 §5.6.2). A pattern, not a search: every byte of every
/// field's name is asked about.
fn is_token(byte: &u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'!' | b'#'..=b'\'' | b'*' | b'+'
        | b'-' | b'.' | b'^'..=b'`' | b'|' | b'~')
}

/// Name and trimmed value; `None` unless the name is a token directly before the colon, which
/// refuses folded lines and blanks around the name.
fn split_field(field: &[u8]) -> Option<(&[u8], &[u8])> {
    let colon = memchr(b':', field)?;
    let (name, value) = field.split_at(colon);
    if name.is_empty() || !name.iter().all(is_token) {
        return None;
    }
    Some((name, value.get(1..)?.trim_ascii()))
}

fn decimal(value: &[u8]) -> Result<u64, StatusCode> {
    let digits = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
    std::str::from_utf8(value)
        .ok()
        .filter(|_| digits)
        .and_then(|text| text.parse().ok())
        .ok_or(StatusCode::BAD_REQUEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(head: &str) -> Result<Admitted, StatusCode> {
        admit(
            Bytes::copy_from_slice(head.as_bytes()),
            &ServerSettings::default(),
        )
    }

    fn searched(bytes: &[u8]) -> Result<Option<usize>, StatusCode> {
        Search::default().end(bytes, &ServerSettings::default())
    }

    #[test]
    fn two_ways_to_end_a_body_are_refused_in_any_order() {
        // T-08
        for fields in [
            "Content-Length: 5\r\nTransfer-Encoding: chunked",
            "Transfer-Encoding: chunked\r\nContent-Length: 5",
            "Content-Length: 5\r\nContent-Length: 5",
            "Content-Length: 5\r\ncontent-length: 6",
            "Content-Length: 5, 5",
            "Content-Length: +5",
            "Content-Length: -1",
            "Content-Length:",
            "Content-Length: 99999999999999999999999",
            "Transfer-Encoding: xchunked",
            "Transfer-Encoding: chunked, identity",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
            "Transfer-Encoding : chunked",
            "X-A: b\r\n Content-Length: 5",
            "NoColon",
            ": empty",
        ] {
            let head = format!("POST / HTTP/1.1\r\nHost: h\r\n{fields}\r\n\r\n");
            assert_eq!(judged(&head).err(), Some(StatusCode::BAD_REQUEST), "{fields}");
        }
        let old = "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n";
        assert_eq!(judged(old).err(), Some(StatusCode::BAD_REQUEST));
    }

    #[test]
    fn one_way_to_end_a_body_is_taken_as_said() {
        let framing = |fields: &str| {
            judged(&format!("POST / HTTP/1.1\r\nHost: h\r\n{fields}\r\n"))
                .unwrap()
                .framing
        };
        assert_eq!(framing(""), Framing::Length(0));
        assert_eq!(framing("content-length:  12 \r\n"), Framing::Length(12));
        assert_eq!(framing("TRANSFER-ENCODING: Chunked\r\n"), Framing::Chunked);
    }

    #[test]
    fn bytes_above_ascii_in_the_target_are_percent_encoded_and_nowhere_else() {
        // CAS-8
        let head = b"GET /a?u=\xe9\xc3\xa9&x=%zz{} HTTP/1.1\r\nHost: h\r\nX-Name: \xe9\r\n\r\n";
        let admitted = admit(Bytes::from_static(head), &ServerSettings::default()).unwrap();
        assert_eq!(
            admitted.head.as_ref(),
            b"GET /a?u=%E9%C3%A9&x=%zz{} HTTP/1.1\r\nHost: h\r\nX-Name: \xe9\r\n\r\n"
        );
    }

    #[test]
    fn the_end_is_found_however_the_bytes_are_sliced() {
        let bytes = b"GET / HTTP/1.1\r\nHost: h\r\n\r\nrest";
        for cut in 1..27 {
            let mut search = Search::default();
            let limits = ServerSettings::default();
            assert_eq!(search.end(&bytes[..cut], &limits), Ok(None), "{cut}");
            assert_eq!(search.end(bytes, &limits), Ok(Some(27)), "{cut}");
        }
    }

    #[test]
    fn a_line_that_ends_in_anything_but_crlf_is_refused_at_once() {
        // T-08
        for bytes in [
            b"GET / HTTP/1.1\nHost: h\n\n".as_slice(),
            b"GET / HTTP/1.1\r\nHost: h\nX: y\r\n\r\n",
            b"GET / HTTP/1.1\rX",
            b"GET / HTTP/1.1\r\nHost: \0h",
        ] {
            assert_eq!(searched(bytes), Err(StatusCode::BAD_REQUEST));
        }
    }

    #[test]
    fn long_targets_and_large_blocks_have_their_own_answers() {
        // T-07, CAS-11
        let limits = ServerSettings::default();
        let target = |length: usize| format!("GET /{} HTTP/1.1\r\n", "a".repeat(length));
        assert_eq!(searched(target(limits.longest_target).as_bytes()), Ok(None));
        assert_eq!(
            searched(target(limits.longest_target + 40).as_bytes()),
            Err(StatusCode::URI_TOO_LONG)
        );
        let block = format!("GET / HTTP/1.1\r\nX: {}", "a".repeat(limits.largest_header_block));
        assert_eq!(
            searched(block.as_bytes()),
            Err(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE)
        );
        // Encoding makes a target longer; the limit holds for what hyper gets.
        let latin = [
            b"GET /".as_slice(),
            &[0xe9; 20_000],
            b" HTTP/1.1\r\nHost: h\r\n\r\n",
        ]
        .concat();
        assert_eq!(admit(latin.into(), &limits).err(), Some(StatusCode::URI_TOO_LONG));
    }
}
