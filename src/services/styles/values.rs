//! What becomes of an attribute's values for one service: translated into its own codes, and as many
//! as it can read.

use std::collections::BTreeMap;

use crate::protocol::response::is_xml_char;

/// What stands between joined values where the registration says nothing.
const USUAL_SEPARATOR: &str = ";";

/// What a service learns of an attribute with several values.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Several {
    /// Every value by itself (CAS-236).
    #[default]
    Repeated,
    /// One value: all of them, with this between them.
    Joined(String),
    /// The directory's first value alone.
    First,
}

/// The words of one service for some values: value → code. A value without one does not go out.
pub type Codes = BTreeMap<String, String>;

impl Several {
    /// `repeated`, `joined`, `joined:<separator>` or `first`.
    pub fn parse(text: &str) -> Option<Several> {
        match text {
            "repeated" => Some(Several::Repeated),
            "first" => Some(Several::First),
            "joined" => Some(Several::Joined(USUAL_SEPARATOR.to_owned())),
            other => {
                let separator = other.strip_prefix("joined:")?;
                let sound = !separator.is_empty() && separator.chars().all(|c| !c.is_control());
                sound.then(|| Several::Joined(separator.to_owned()))
            }
        }
    }

    /// The values as they go out; none that a client would read as nothing (CAS-242).
    pub fn of(&self, mut values: Vec<String>) -> Vec<String> {
        if *self == Several::Repeated {
            return values;
        }
        values.retain(|value| value.chars().any(|c| !c.is_whitespace() && is_xml_char(c)));
        match self {
            Several::Joined(separator) if !values.is_empty() => vec![values.join(separator)],
            Several::First => values.into_iter().take(1).collect(),
            _ => values,
        }
    }
}

/// The codes of `values`, each once, in the order of the values.
pub fn coded(values: Vec<String>, codes: &Codes) -> Vec<String> {
    let mut told: Vec<String> = Vec::new();
    for code in values.iter().filter_map(|value| codes.get(value)) {
        if !told.contains(code) {
            told.push(code.clone());
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(all: &[&str]) -> Vec<String> {
        all.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn several_values_go_out_as_the_service_can_read_them() {
        // CAS-236, CAS-242
        let all = || words(&["\0", "b", " ", "a"]);
        let of = |rule: &str| Several::parse(rule).expect(rule).of(all());
        assert_eq!(of("repeated"), all());
        assert_eq!(of("joined"), ["b;a"]);
        assert_eq!(of("joined:, "), ["b, a"]);
        assert_eq!(of("first"), ["b"]);
        for rule in ["joined", "first"] {
            let rule = Several::parse(rule).expect(rule);
            assert!(rule.of(words(&["", " ", "\0"])).is_empty());
        }
        for unknown in ["", "joined:", "joined:\n", "last", "First"] {
            assert_eq!(Several::parse(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn a_value_without_a_code_stays_here_and_a_code_goes_out_once() {
        // CAS-236
        let codes = [
            ("National_DIR", "4"),
            ("National_EVS", "4"),
            ("National_ENS", "3"),
        ];
        let codes: Codes = codes
            .iter()
            .map(|(value, code)| ((*value).to_owned(), (*code).to_owned()))
            .collect();
        let profiles = words(&["National_EVS", "National_XYZ", "National_ENS", "National_DIR"]);
        assert_eq!(coded(profiles, &codes), ["4", "3"]);
    }
}
