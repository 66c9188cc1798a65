//! From the text of RFC 4515 to a tree, with the place of what is wrong. It does not judge whether
//! a directory knows the attributes.

use super::{Filter, Pieces, is_attribute_name};

/// Deepest nesting of lists and negations that is read.
const DEEPEST: usize = 32;

/// What is wrong with a filter, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("at character {position}: {problem}")]
pub struct FilterFlaw {
    /// Counted in characters from 1.
    pub position: usize,
    pub problem: &'static str,
}

pub fn parse(text: &str) -> Result<Filter, FilterFlaw> {
    let mut reader = Reader { text, at: 0 };
    reader.skip_blanks();
    let filter = reader.filter(0)?;
    reader.skip_blanks();
    if reader.rest().is_empty() {
        Ok(filter)
    } else {
        Err(reader.flaw("nothing may follow the last parenthesis"))
    }
}

struct Reader<'a> {
    text: &'a str,
    /// Byte offset of what is read next.
    at: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn flaw(&self, problem: &'static str) -> FilterFlaw {
        let before = self.text.get(..self.at).unwrap_or_default();
        FilterFlaw {
            position: before.chars().count() + 1,
            problem,
        }
    }

    fn skip_blanks(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    fn eat(&mut self, expected: char) -> bool {
        let found = self.rest().starts_with(expected);
        if found {
            self.at += expected.len_utf8();
        }
        found
    }

    fn filter(&mut self, depth: usize) -> Result<Filter, FilterFlaw> {
        if depth > DEEPEST {
            return Err(self.flaw("too many parentheses inside one another"));
        }
        if !self.eat('(') {
            return Err(self.flaw("a filter starts with “(”"));
        }
        let filter = match self.rest().chars().next() {
            Some('&') => Filter::And(self.list(depth)?),
            Some('|') => Filter::Or(self.list(depth)?),
            Some('!') => {
                self.at += 1;
                self.skip_blanks();
                let part = self.filter(depth + 1)?;
                self.skip_blanks();
                Filter::Not(Box::new(part))
            }
            _ => self.item()?,
        };
        if self.eat(')') {
            Ok(filter)
        } else {
            Err(self.flaw("“)” is missing"))
        }
    }

    fn list(&mut self, depth: usize) -> Result<Vec<Filter>, FilterFlaw> {
        self.at += 1;
        let mut parts = Vec::new();
        loop {
            self.skip_blanks();
            if self.rest().starts_with('(') {
                parts.push(self.filter(depth + 1)?);
            } else if parts.is_empty() {
                return Err(self.flaw("“&” and “|” want at least one filter after them"));
            } else {
                return Ok(parts);
            }
        }
    }

    fn item(&mut self) -> Result<Filter, FilterFlaw> {
        let attribute = self.attribute()?;
        let operators = [":", ">=", "<=", "~=", "="];
        let Some(operator) = operators.iter().find(|o| self.rest().starts_with(**o)) else {
            return Err(self.flaw("after the attribute comes =, >=, <=, ~= or :rule:="));
        };
        self.at += operator.len();
        match *operator {
            ":" => self.extensible(attribute),
            ">=" => Ok(Filter::AtLeast(attribute, self.value()?)),
            "<=" => Ok(Filter::AtMost(attribute, self.value()?)),
            "~=" => Ok(Filter::Approx(attribute, self.value()?)),
            _ => self.equality(attribute),
        }
    }

    fn attribute(&mut self) -> Result<String, FilterFlaw> {
        let rest = self.rest();
        let end = rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | ';' | '.')))
            .unwrap_or(rest.len());
        let name = rest.get(..end).unwrap_or_default();
        if !is_attribute_name(name) {
            return Err(self.flaw("the name of an attribute is missing"));
        }
        self.at += end;
        Ok(name.to_owned())
    }

    fn extensible(&mut self, attribute: String) -> Result<Filter, FilterFlaw> {
        let rule = self.attribute()?;
        if !self.rest().starts_with(":=") {
            return Err(self.flaw("“:=” is missing after the matching rule"));
        }
        self.at += 2;
        let value = self.value()?;
        Ok(Filter::Extensible {
            attribute,
            rule,
            value,
        })
    }

    fn equality(&mut self, attribute: String) -> Result<Filter, FilterFlaw> {
        let mut pieces = vec![self.value()?];
        while self.eat('*') {
            pieces.push(self.value()?);
        }
        if pieces.len() == 1 {
            return Ok(Filter::Equal(attribute, pieces.remove(0)));
        }
        if pieces.iter().all(Vec::is_empty) {
            return Ok(Filter::Present(attribute));
        }
        let initial = pieces.remove(0);
        let end = pieces.pop().unwrap_or_default();
        pieces.retain(|piece| !piece.is_empty());
        Ok(Filter::Substrings(
            attribute,
            Pieces {
                initial,
                middle: pieces,
                end,
            },
        ))
    }

    /// The bytes up to `*` or `)`, with `\xx` undone.
    fn value(&mut self) -> Result<Vec<u8>, FilterFlaw> {
        let mut bytes = Vec::new();
        while let Some(c) = self.rest().chars().next() {
            match c {
                '*' | ')' => break,
                '(' => return Err(self.flaw("write \\28 for “(” in a value")),
                '\\' => {
                    let byte = self
                        .rest()
                        .get(1..3)
                        .filter(|hex| hex.chars().all(|c| c.is_ascii_hexdigit()))
                        .and_then(|hex| u8::from_str_radix(hex, 16).ok())
                        .ok_or(self.flaw("“\\” is followed by two hexadecimal digits"))?;
                    bytes.push(byte);
                    self.at += 3;
                }
                _ => {
                    bytes.extend(c.encode_utf8(&mut [0; 4]).as_bytes());
                    self.at += c.len_utf8();
                }
            }
        }
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        for (text, expected) in [
            ("uid=a", "at character 1: a filter starts with “(”"),
            ("(uid=a", "at character 7: “)” is missing"),
            (
                "(uid=a))",
                "at character 8: nothing may follow the last parenthesis",
            ),
            (
                "(&)",
                "at character 3: “&” and “|” want at least one filter after them",
            ),
            ("(=a)", "at character 2: the name of an attribute is missing"),
            (
                "(uid!a)",
                "at character 5: after the attribute comes =, >=, <=, ~= or :rule:=",
            ),
            ("(é=a)", "at character 2: the name of an attribute is missing"),
            (
                "(uid=a\\2)",
                "at character 7: “\\” is followed by two hexadecimal digits",
            ),
            ("(uid=a(b)", "at character 7: write \\28 for “(” in a value"),
            (
                "(x:1.2=3)",
                "at character 7: “:=” is missing after the matching rule",
            ),
        ] {
            assert_eq!(parse(text).unwrap_err().to_string(), expected, "{text}");
        }
        let deep = format!("{}(a=b){}", "(!".repeat(40), ")".repeat(40));
        assert!(parse(&deep).is_err());
    }

    #[test]
    fn usual_filters_are_read() {
        for text in [
            "(uid=camille)",
            "(&(objectClass=person)(|(uid=a*)(mail=*b*c)))",
            "(userAccountControl:1.2.840.113556.1.4.803:=2)",
            "(supannRessourceEtat={COMPTE}A:SupannSursis*)",
        ] {
            assert_eq!(parse(text).unwrap().to_string(), text);
        }
        assert_eq!(parse(" ( & (a=b) (c=*) ) ").unwrap_err().position, 3);
        assert_eq!(parse(" (& (a=b) (c=*) ) ").unwrap().to_string(), "(&(a=b)(c=*))");
    }
}
