//! LDIF content records (RFC 2849) from text, with the lines each value stands on. Change records
//! and values by URL are refused.

use std::ops::Range;

use data_encoding::BASE64;

/// What is wrong with a file, and on which line (from 1).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct LdifFlaw {
    pub line: usize,
    pub problem: String,
}

/// One entry of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    pub dn: String,
    /// Line of the `dn:`, from 1.
    pub line: usize,
    pub values: Vec<Value>,
    /// The physical lines of the record, from 0, without the blank line that ends it.
    pub lines: Range<usize>,
}

/// One value of an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    pub attribute: String,
    pub bytes: Vec<u8>,
    /// The physical lines it stands on, from 0.
    pub lines: Range<usize>,
}

pub fn parse(text: &str) -> Result<Vec<Record>, LdifFlaw> {
    let mut records = Vec::new();
    let mut open: Option<Record> = None;
    for line in logical_lines(text)? {
        if line.text.is_empty() {
            records.extend(open.take());
            continue;
        }
        let value = parse_line(&line)?;
        match &mut open {
            Some(record) => {
                refuse_misplaced(&value)?;
                record.lines.end = value.lines.end;
                record.values.push(value);
            }
            None if value.attribute.eq_ignore_ascii_case("dn") => open = Some(new_record(value)?),
            None if value.attribute.eq_ignore_ascii_case("version") && records.is_empty() => {
                if value.bytes != b"1" {
                    return Err(flaw(&value.lines, "only version 1 of LDIF is known"));
                }
            }
            None => return Err(flaw(&value.lines, "an entry starts with “dn:”")),
        }
    }
    records.extend(open);
    Ok(records)
}

struct LogicalLine {
    text: String,
    lines: Range<usize>,
}

fn flaw(lines: &Range<usize>, problem: impl Into<String>) -> LdifFlaw {
    LdifFlaw {
        line: lines.start + 1,
        problem: problem.into(),
    }
}

/// Lines unfolded (a line that starts with a blank continues the one before) and without comments.
fn logical_lines(text: &str) -> Result<Vec<LogicalLine>, LdifFlaw> {
    let mut lines: Vec<LogicalLine> = Vec::new();
    let mut in_comment = false;
    for (number, line) in text.lines().enumerate() {
        let whole = number..number + 1;
        if let Some(continued) = line.strip_prefix(' ') {
            if in_comment {
                continue;
            }
            match lines.last_mut().filter(|last| !last.text.is_empty()) {
                Some(last) => {
                    last.text.push_str(continued);
                    last.lines.end = number + 1;
                }
                None => {
                    return Err(flaw(
                        &whole,
                        "this line continues another (it starts with a blank), but none precedes",
                    ));
                }
            }
            continue;
        }
        in_comment = line.starts_with('#');
        if !in_comment {
            lines.push(LogicalLine {
                text: line.to_owned(),
                lines: whole,
            });
        }
    }
    Ok(lines)
}

/// `attribute: text`, `attribute:: base64`.
fn parse_line(line: &LogicalLine) -> Result<Value, LdifFlaw> {
    let Some((attribute, rest)) = line.text.split_once(':') else {
        return Err(flaw(&line.lines, "a line is “attribute: value”; “:” is missing"));
    };
    if !crate::directory::filter::is_attribute_name(attribute) {
        return Err(flaw(
            &line.lines,
            format!("“{attribute}” is not the name of an attribute"),
        ));
    }
    let bytes = if let Some(base64) = rest.strip_prefix(':') {
        BASE64
            .decode(base64.trim().as_bytes())
            .map_err(|_| flaw(&line.lines, format!("the value of {attribute} is not base64")))?
    } else if rest.starts_with('<') {
        return Err(flaw(
            &line.lines,
            "values by URL (“:<”) are not read; write the value itself",
        ));
    } else {
        rest.trim_start_matches(' ').as_bytes().to_vec()
    };
    Ok(Value {
        attribute: attribute.to_owned(),
        bytes,
        lines: line.lines.clone(),
    })
}

fn new_record(value: Value) -> Result<Record, LdifFlaw> {
    let dn = String::from_utf8(value.bytes).map_err(|_| flaw(&value.lines, "the DN is not UTF-8"))?;
    if dn.is_empty() {
        return Err(flaw(&value.lines, "the DN is empty"));
    }
    Ok(Record {
        dn,
        line: value.lines.start + 1,
        values: Vec::new(),
        lines: value.lines,
    })
}

fn refuse_misplaced(value: &Value) -> Result<(), LdifFlaw> {
    let problem = match value.attribute.to_ascii_lowercase().as_str() {
        "dn" => "a blank line is missing before this “dn:”",
        "changetype" | "control" => "changes are not read here, only entries as they are",
        _ => return Ok(()),
    };
    Err(flaw(&value.lines, problem))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_read_with_folding_base64_and_comments() {
        let text = "version: 1\r\n# people\n  of the town\ndn: uid=a,dc=x\nuid: a\ncn:: w4lsaXNl\ndescription:  long\n  text\n# in between\nempty:\nsn;lang-fr: Dupré\n\n\ndn:: dWlkPWIsZGM9eA==\nuid: b";
        let records = parse(text).unwrap();
        assert_eq!(records.len(), 2);
        let values: Vec<(&str, &[u8])> = records[0]
            .values
            .iter()
            .map(|value| (value.attribute.as_str(), value.bytes.as_slice()))
            .collect();
        assert_eq!(
            values,
            [
                ("uid", b"a".as_slice()),
                ("cn", "Élise".as_bytes()),
                ("description", b"long text"),
                ("empty", b""),
                ("sn;lang-fr", "Dupré".as_bytes()),
            ]
        );
        assert_eq!(records[0].lines, 3..11);
        assert_eq!(records[0].values[2].lines, 6..8);
        assert_eq!((records[1].dn.as_str(), records[1].line), ("uid=b,dc=x", 14));
    }

    #[test]
    fn what_is_wrong_in_a_file_is_said_with_its_line() {
        for (text, expected) in [
            ("uid: a", "line 1: an entry starts with “dn:”"),
            (
                "dn: a=b\nuid a",
                "line 2: a line is “attribute: value”; “:” is missing",
            ),
            ("dn: a=b\nu d: a", "line 2: “u d” is not the name of an attribute"),
            ("dn: a=b\n\n x", "line 3: this line continues another"),
            (
                "\n# c\ndn: a=b\njpegPhoto:: é",
                "line 4: the value of jpegPhoto is not base64",
            ),
            (
                "dn: a=b\nphoto:< file:///etc/passwd",
                "line 2: values by URL (“:<”) are not read",
            ),
            ("dn: a=b\nchangetype: modify", "line 2: changes are not read here"),
            (
                "dn: a=b\nuid: a\ndn: c=d",
                "line 3: a blank line is missing before this “dn:”",
            ),
            ("dn:\nuid: a", "line 1: the DN is empty"),
            ("version: 2\n", "line 1: only version 1 of LDIF is known"),
        ] {
            let flaw = parse(text).unwrap_err().to_string();
            assert!(flaw.starts_with(expected), "{text:?}: {flaw}");
        }
    }
}
