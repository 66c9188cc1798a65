//! What a CAS 2 or 3 server answers to a validation (appendix A of the specification), with the forms
//! of attributes that servers in the field write. Whether to believe the server is decided by TLS.

use crate::protocol::tree::{Element, Unreadable, read};

const NAMESPACE: &str = "http://www.yale.edu/tp/cas";

/// What the server says of the ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Success(Validated),
    /// With the server's code, cut to its letters.
    Failure(String),
}

/// Who came, in the server's words.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Validated {
    pub user: String,
    /// Names without prefix and their values, both in the order of the answer.
    pub attributes: Vec<(String, Vec<String>)>,
}

impl Validated {
    pub fn values(&self, name: &str) -> &[String] {
        let found = self.attributes.iter().find(|(known, _)| known == name);
        found.map(|(_, values)| values.as_slice()).unwrap_or_default()
    }

    fn add(&mut self, name: &str, value: &str) {
        let value = value.trim();
        if name.is_empty() || value.is_empty() {
            return;
        }
        match self.attributes.iter_mut().find(|(known, _)| known == name) {
            Some((_, values)) => values.push(value.to_owned()),
            None => self.attributes.push((name.to_owned(), vec![value.to_owned()])),
        }
    }
}

/// Reads the answer's body.
pub fn read_validation(body: &[u8]) -> Result<Verdict, Unreadable> {
    let root = read(body.trim_ascii_start())?;
    if root.name != "serviceResponse" || root.namespace != NAMESPACE {
        return Err(Unreadable::Unexpected);
    }
    match root.children.as_slice() {
        [only] if only.namespace != NAMESPACE => Err(Unreadable::Unexpected),
        [only] if only.name == "authenticationSuccess" => success(only),
        [only] if only.name == "authenticationFailure" => Ok(Verdict::Failure(code(only))),
        _ => Err(Unreadable::Unexpected),
    }
}

/// An answer about two users, or about none, is about nobody.
fn success(element: &Element) -> Result<Verdict, Unreadable> {
    let user = element.only("user").ok_or(Unreadable::Unexpected)?;
    let name = user.text.trim();
    if name.is_empty() || !user.children.is_empty() || user.namespace != NAMESPACE {
        return Err(Unreadable::Unexpected);
    }
    let mut validated = Validated {
        user: name.to_owned(),
        ..Validated::default()
    };
    let groups: Vec<&Element> = element.all("attributes").collect();
    for group in &groups {
        take(&mut validated, &group.children);
    }
    if groups.is_empty() {
        take(&mut validated, &element.children);
    }
    Ok(Verdict::Success(validated))
}

/// `<cas:mail>…` and, of other servers, `<cas:attribute name="mail" value="…">`.
fn take(validated: &mut Validated, elements: &[Element]) {
    const OF_THE_PROTOCOL: [&str; 4] = ["user", "attributes", "proxyGrantingTicket", "proxies"];
    let plain = elements
        .iter()
        .filter(|element| element.children.is_empty() && !OF_THE_PROTOCOL.contains(&element.name.as_str()));
    for element in plain {
        match (element.attribute("name"), element.attribute("value")) {
            (Some(name), Some(value)) if element.name == "attribute" => validated.add(name, value),
            _ => validated.add(&element.name, &element.text),
        }
    }
}

fn code(failure: &Element) -> String {
    let code = failure.attribute("code").unwrap_or("no code").trim();
    let plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | ' ');
    code.chars().filter(plain).take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(inner: &str) -> String {
        format!("<cas:serviceResponse xmlns:cas=\"{NAMESPACE}\">{inner}</cas:serviceResponse>")
    }

    fn validated(inner: &str) -> Validated {
        let body = answer(&format!(
            "<cas:authenticationSuccess>{inner}</cas:authenticationSuccess>"
        ));
        match read_validation(body.as_bytes()) {
            Ok(Verdict::Success(validated)) => validated,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn attributes_are_read_as_the_servers_of_the_field_write_them() {
        // S2-03
        let jasig = validated(
            "<cas:user> anne </cas:user><cas:attributes><cas:mail>a@x</cas:mail>\
             <cas:group>g1</cas:group><cas:group>g2</cas:group></cas:attributes>",
        );
        assert_eq!(jasig.user, "anne");
        assert_eq!(jasig.values("group"), ["g1", "g2"]);
        let direct = validated("<cas:user>anne</cas:user><cas:mail>a@x</cas:mail>");
        assert_eq!(direct.values("mail"), ["a@x"]);
        let pairs = validated("<cas:user>anne</cas:user><cas:attribute name=\"mail\" value=\"a@x\"/>");
        assert_eq!(pairs.values("mail"), ["a@x"]);
        assert!(validated("<cas:user>anne</cas:user>").attributes.is_empty());
    }

    #[test]
    fn a_failure_tells_its_code_and_nothing_that_a_log_line_would_suffer_from() {
        let body =
            answer("<cas:authenticationFailure code=\"INVALID_TICKET&#10;x\">no</cas:authenticationFailure>");
        let verdict = read_validation(body.as_bytes());
        assert_eq!(verdict, Ok(Verdict::Failure("INVALID_TICKETx".to_owned())));
    }

    #[test]
    fn an_answer_that_is_not_plainly_about_one_person_is_about_nobody() {
        let yes = "<cas:authenticationSuccess><cas:user>a</cas:user></cas:authenticationSuccess>";
        let no = "<cas:authenticationFailure code=\"X\"/>";
        for body in [
            answer(&format!("{yes}{yes}")),
            answer(&format!("{no}{yes}")),
            answer(&yes.replace("<cas:user>a</cas:user>", "")),
            answer(&yes.replace(
                "<cas:user>a</cas:user>",
                "<cas:user>a</cas:user><cas:user>b</cas:user>",
            )),
            answer(&yes.replace(">a<", "> <")),
            answer(&yes.replace(">a<", "><cas:b>a</cas:b><")),
            answer(yes).replace(NAMESPACE, "http://elsewhere"),
            format!("<a xmlns:cas=\"{NAMESPACE}\">{yes}</a>"),
            "yes\nanne\n".to_owned(),
            "<html></html>".to_owned(),
            String::new(),
        ] {
            assert!(read_validation(body.as_bytes()).is_err(), "{body}");
        }
    }
}
