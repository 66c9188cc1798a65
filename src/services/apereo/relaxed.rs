//! JSON and its relaxed form HJSON, with lines: comments, keys and texts without quotes, texts of
//! several lines, commas left out or one too many, no braces around the whole. JSON is read by the
//! same rules, since it is HJSON, too.

use super::tree::{DEEPEST, Entry, MOST_NODES, Node, Unreadable, Value};

pub fn read(text: &str) -> Result<Node, Unreadable> {
    let mut reader = Reader {
        rest: text.strip_prefix('\u{feff}').unwrap_or(text),
        line: 1,
        line_start: 0,
        at: 0,
        nodes: 0,
    };
    reader.blank()?;
    let root = match reader.peek() {
        Some('{' | '[') => reader.value(0)?,
        _ => {
            let entries = reader.members(0, None)?;
            Node::new(1, Value::Map(entries)).typed()
        }
    };
    reader.blank()?;
    match reader.peek() {
        None => Ok(root),
        Some(other) => Err(reader.wrong(format!(
            "“{}” after the end of the definition",
            other.escape_debug()
        ))),
    }
}

struct Reader<'a> {
    rest: &'a str,
    line: usize,
    /// Where the line began, and where the reader is: both in characters.
    line_start: usize,
    at: usize,
    nodes: usize,
}

type Read<T> = Result<T, Unreadable>;

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn take(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        let taken = chars.next()?;
        self.rest = chars.as_str();
        self.at += 1;
        if taken == '\n' {
            self.line += 1;
            self.line_start = self.at;
        }
        Some(taken)
    }

    fn wrong(&self, message: impl Into<String>) -> Unreadable {
        Unreadable::at(self.line, message)
    }

    fn one_more(&mut self, depth: usize) -> Read<()> {
        self.nodes += 1;
        if depth > DEEPEST {
            return Err(self.wrong(format!("nested more than {DEEPEST} deep")));
        }
        if self.nodes > MOST_NODES {
            return Err(self.wrong(format!("more than {MOST_NODES} values")));
        }
        Ok(())
    }

    /// Blanks and comments.
    fn blank(&mut self) -> Read<()> {
        loop {
            if self.rest.starts_with('#') || self.rest.starts_with("//") {
                while self.peek().is_some_and(|next| next != '\n') {
                    self.take();
                }
            } else if self.rest.starts_with("/*") {
                let begun = self.line;
                while !self.rest.starts_with("*/") {
                    if self.take().is_none() {
                        return Err(Unreadable::at(begun, "a comment /* without its end */"));
                    }
                }
                self.take();
                self.take();
            } else if self.peek().is_some_and(char::is_whitespace) {
                self.take();
            } else {
                return Ok(());
            }
        }
    }

    fn value(&mut self, depth: usize) -> Read<Node> {
        self.one_more(depth)?;
        let line = self.line;
        let value = match self.peek() {
            Some('{') => {
                self.take();
                Value::Map(self.members(depth, Some('}'))?)
            }
            Some('[') => {
                self.take();
                Value::List(self.items(depth)?)
            }
            Some('"' | '\'') => Value::Text(self.quoted()?),
            Some(other @ ('}' | ']' | ',' | ':')) => {
                return Err(self.wrong(format!("a value is missing before “{other}”")));
            }
            Some(_) => self.bare(),
            None => return Err(self.wrong("the file ends where a value should be")),
        };
        Ok(Node::new(line, value).typed())
    }

    /// Keys and values until `end`, or until the file's where there is none.
    fn members(&mut self, depth: usize, end: Option<char>) -> Read<Vec<Entry>> {
        let begun = self.line;
        let mut entries = Vec::new();
        loop {
            self.blank()?;
            match self.peek() {
                None if end.is_none() => return Ok(entries),
                None => return Err(Unreadable::at(begun, "“{” without its “}”")),
                next if next == end => {
                    self.take();
                    return Ok(entries);
                }
                Some(',') if !entries.is_empty() => {
                    self.take();
                    continue;
                }
                Some(_) => {}
            }
            let line = self.line;
            let key = self.key()?;
            self.blank()?;
            if self.take() != Some(':') {
                return Err(Unreadable::at(line, format!("“:” is missing after “{key}”")));
            }
            self.blank()?;
            let node = self.value(depth + 1)?;
            entries.push(Entry { key, line, node });
        }
    }

    fn items(&mut self, depth: usize) -> Read<Vec<Node>> {
        let begun = self.line;
        let mut items = Vec::new();
        loop {
            self.blank()?;
            match self.peek() {
                None => return Err(Unreadable::at(begun, "“[” without its “]”")),
                Some(']') => {
                    self.take();
                    return Ok(items);
                }
                Some(',') if !items.is_empty() => {
                    self.take();
                }
                Some(_) => items.push(self.value(depth + 1)?),
            }
        }
    }

    fn key(&mut self) -> Read<String> {
        if matches!(self.peek(), Some('"' | '\'')) {
            return self.quoted();
        }
        let mut key = String::new();
        while let Some(next) = self.peek() {
            if next.is_whitespace() || matches!(next, ',' | '{' | '}' | '[' | ']' | ':') {
                break;
            }
            key.extend(self.take());
        }
        if key.is_empty() {
            let found = self.peek().map(|next| next.escape_debug().to_string());
            return Err(self.wrong(format!(
                "a key should be where “{}” is",
                found.unwrap_or_default()
            )));
        }
        Ok(key)
    }

    /// A number, a word that JSON knows, or a text without quotes, which goes to the end of its line.
    fn bare(&mut self) -> Value {
        let mut text = String::new();
        loop {
            let ends_line = matches!(self.peek(), None | Some('\n' | '\r'));
            let comment = ["#", "//", "/*"].iter().any(|mark| self.rest.starts_with(mark));
            if (ends_line || comment || matches!(self.peek(), Some(',' | '}' | ']')))
                && let Some(known) = literal(text.trim_end())
            {
                return known;
            }
            if ends_line {
                return Value::Text(text.trim_end().to_owned());
            }
            text.extend(self.take());
        }
    }

    fn quoted(&mut self) -> Read<String> {
        if self.rest.starts_with("'''") {
            return self.of_several_lines();
        }
        let begun = self.line;
        let Some(quote) = self.take() else {
            return Err(self.wrong("a text is missing"));
        };
        let mut text = String::new();
        loop {
            match self.take() {
                Some(end) if end == quote => return Ok(text),
                Some('\\') => text.push(self.escaped()?),
                None | Some('\n') => return Err(Unreadable::at(begun, "a text without its closing quote")),
                Some(other) => text.push(other),
            }
        }
    }

    fn escaped(&mut self) -> Read<char> {
        let symbol = self.take();
        match symbol {
            Some('b') => Ok('\u{8}'),
            Some('f') => Ok('\u{c}'),
            Some('n') => Ok('\n'),
            Some('r') => Ok('\r'),
            Some('t') => Ok('\t'),
            Some(same @ ('"' | '\'' | '\\' | '/')) => Ok(same),
            Some('u') => self.unicode(),
            Some(other) => Err(self.wrong(format!(
                "“\\{}” means nothing in a text; a backslash is written twice",
                other.escape_debug()
            ))),
            None => Err(self.wrong("a text without its closing quote")),
        }
    }

    fn unicode(&mut self) -> Read<char> {
        let first = self.four_digits()?;
        let code = if (0xd800..0xdc00).contains(&first) {
            let second = match (self.take(), self.take()) {
                (Some('\\'), Some('u')) => self.four_digits()?,
                _ => 0,
            };
            if !(0xdc00..0xe000).contains(&second) {
                return Err(self.wrong("half a character after “\\u”"));
            }
            0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00)
        } else {
            first
        };
        char::from_u32(code).ok_or_else(|| self.wrong("no character has this number"))
    }

    fn four_digits(&mut self) -> Read<u32> {
        let mut code = 0;
        for _ in 0..4 {
            let digit = self.take().and_then(|symbol| symbol.to_digit(16));
            code = code * 16 + digit.ok_or_else(|| self.wrong("“\\u” wants four hexadecimal digits"))?;
        }
        Ok(code)
    }

    /// `'''` to `'''`, without the indentation that the first quotes had.
    fn of_several_lines(&mut self) -> Read<String> {
        let begun = self.line;
        let indentation = self.at - self.line_start;
        for _ in 0..3 {
            self.take();
        }
        while matches!(self.peek(), Some(' ' | '\t' | '\r')) {
            self.take();
        }
        if self.peek() == Some('\n') {
            self.take();
            self.indented(indentation);
        }
        let mut text = String::new();
        while !self.rest.starts_with("'''") {
            match self.take() {
                None => return Err(Unreadable::at(begun, "''' without its closing '''")),
                Some('\r') => {}
                Some('\n') => {
                    text.push('\n');
                    self.indented(indentation);
                }
                Some(other) => text.push(other),
            }
        }
        for _ in 0..3 {
            self.take();
        }
        if text.ends_with('\n') {
            text.pop();
        }
        Ok(text)
    }

    fn indented(&mut self, most: usize) {
        for _ in 0..most {
            if !matches!(self.peek(), Some(' ' | '\t')) {
                return;
            }
            self.take();
        }
    }
}

fn literal(text: &str) -> Option<Value> {
    match text {
        "true" => Some(Value::Bool(true)),
        "false" => Some(Value::Bool(false)),
        "null" => Some(Value::Null),
        _ => is_number(text).then(|| Value::Number(text.to_owned())),
    }
}

/// A number as JSON writes it.
pub fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let whole = digits.split(['.', 'e', 'E']).next().unwrap_or_default();
    let plain = !whole.is_empty()
        && whole.bytes().all(|byte| byte.is_ascii_digit())
        && (whole.len() == 1 || !whole.starts_with('0'));
    plain && !digits.ends_with('.') && digits.parse::<f64>().is_ok()
}

#[cfg(test)]
mod tests;
