//! The end of a log, without what needs not be told to others: of addresses the network only. Passwords,
//! tickets and logins are not in it, since the server never writes them.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::net::IpAddr;
use std::path::Path;

use serde_json::Value;

use crate::base::names::NetworkPrefix;

/// Longer lines are cut.
const LONGEST: u64 = 16 * 1024;

/// The last `count` lines of a file, or of the standard input.
pub fn last(path: &Path, count: usize) -> io::Result<String> {
    let input: Box<dyn Read> = match path == Path::new("-") {
        true => Box::new(io::stdin().lock()),
        false => Box::new(File::open(path)?),
    };
    let mut input = BufReader::new(input);
    let mut kept: VecDeque<String> = VecDeque::with_capacity(count.min(10_000));
    loop {
        let mut line = Vec::new();
        if input.by_ref().take(LONGEST).read_until(b'\n', &mut line)? == 0 {
            break;
        }
        kept.push_back(String::from_utf8_lossy(&line).trim_end().to_owned());
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
    fn only_the_end_is_kept() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), "one\ntwo\nthree").expect("a file");
        assert_eq!(last(file.path(), 2).expect("lines"), "two\nthree\n");
        assert_eq!(last(file.path(), 0).expect("lines"), "");
    }
}
