//! The end of a log, without what needs not be told to others: of addresses the network only. Passwords,
//! tickets and logins are not in it, since the server never writes them.

use std::collections::VecDeque;
use std::io;
use std::net::IpAddr;
use std::path::Path;

use serde_json::Value;

use super::super::trace::lines::Lines;
use crate::base::names::NetworkPrefix;

/// In the place of a line of the structured log that is none, because it is longer than any of ours or broken:
/// what is an address in it cannot be told.
const UNREADABLE: &str = "(left out: it could not be read)";

/// The last `count` lines of a file, or of the standard input.
pub fn last(path: &Path, count: usize) -> io::Result<String> {
    let mut lines = Lines::open(path)?;
    let mut kept: VecDeque<String> = VecDeque::with_capacity(count.min(10_000));
    while let Some(line) = lines.next()? {
        kept.push_back(String::from_utf8_lossy(line).trim_end().to_owned());
        if kept.len() > count {
            kept.pop_front();
        }
    }
    let mut text = String::new();
    for line in kept {
        text.push_str(&line);
        text.push('\n');
    }
    Ok(text)
}

/// Each line with networks in the place of addresses of people.
pub fn without_addresses(text: &str) -> String {
    text.lines()
        .map(|line| format!("{}\n", shortened(line)))
        .collect()
}

fn shortened(line: &str) -> String {
    let Ok(Value::Object(mut fields)) = serde_json::from_str(line) else {
        if line.trim_start().starts_with('{') {
            return UNREADABLE.to_owned();
        }
        // For people: “client=192.0.2.7”.
        let words = line.split(' ').map(|word| match word.split_once('=') {
            Some((key, address)) => match network(address) {
                Some(network) => format!("{key}={network}"),
                None => word.to_owned(),
            },
            None => word.to_owned(),
        });
        return words.collect::<Vec<_>>().join(" ");
    };
    for (_, value) in &mut fields {
        if let Some(network) = value.as_str().and_then(network) {
            *value = Value::String(network);
        }
    }
    Value::Object(fields).to_string()
}

/// An address alone, with or without its port; loopback stays.
fn network(text: &str) -> Option<String> {
    let address: IpAddr = match text.parse() {
        Ok(address) => address,
        Err(_) => text.parse::<std::net::SocketAddr>().ok()?.ip(),
    };
    (!address.is_loopback() && !address.is_unspecified())
        .then(|| NetworkPrefix::of(address).as_str().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_addresses_the_network_is_told_in_both_forms_of_the_log() {
        let told = without_addresses(
            "{\"client\":\"192.0.2.77\",\"status\":200}\nINFO answered client=2001:db8:1:2::3 path=/cas/login\nplain words\n",
        );
        assert!(
            !told.contains("192.0.2.77") && !told.contains("2001:db8:1:2::3"),
            "{told}"
        );
        assert!(
            told.contains("192.0.2.0") && told.contains("path=/cas/login"),
            "{told}"
        );
        assert!(
            told.contains("\"status\":200") && told.contains("plain words"),
            "{told}"
        );
    }

    #[test]
    fn a_line_that_is_too_long_or_broken_takes_no_address_with_it() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let long = |room: usize| format!("{{\"client\":\"192.0.2.77\",\"path\":\"{}\"}}", "x".repeat(room));
        let text = [
            &long(20 << 10),
            &long(300 << 10),
            " {\"client\":\"192.0.2.77\"",
            "end",
        ]
        .join("\n");
        std::fs::write(file.path(), text).expect("a file");
        let told = without_addresses(&last(file.path(), 10).expect("lines"));
        assert!(!told.contains("192.0.2.77"), "{told}");
        let lines: Vec<&str> = told.lines().collect();
        assert!(lines[0].contains("192.0.2.0"), "{}", lines[0]);
        assert_eq!(lines[1..], [UNREADABLE, UNREADABLE, "end"]);
    }

    #[test]
    fn only_the_end_is_kept() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), "one\ntwo\nthree").expect("a file");
        assert_eq!(last(file.path(), 2).expect("lines"), "two\nthree\n");
        assert_eq!(last(file.path(), 0).expect("lines"), "");
    }
}
