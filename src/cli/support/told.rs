//! What doctor found, as it is told to others: of findings whose evidence is people, only that there are
//! some. What is left is as doctor prints it.

use serde_json::Value;

/// Their evidence is logins and names of entries.
const ABOUT_PEOPLE: [&str; 4] = [
    "DIR_CLEAR_STORED",
    "DIR_HISTORY_FULL",
    "DIR_LOGIN_AMBIGUOUS",
    "DIR_REPLICA_LAG",
];

/// The lines of what `mereau doctor --json` printed.
pub fn to_others(json: &str) -> String {
    match serde_json::from_str(json) {
        Ok(Value::Array(findings)) => findings.iter().map(line).collect(),
        _ => "doctor said nothing that can be read; run it by hand\n".to_owned(),
    }
}

fn line(finding: &Value) -> String {
    let text = |key: &str| finding.get(key).and_then(Value::as_str).unwrap_or_default();
    let (level, about, code) = (text("level"), text("about"), text("code"));
    if ABOUT_PEOPLE.contains(&code) {
        return format!("{level:<4}  {about}: … [{code}]\n");
    }
    let advice = match text("advice") {
        "" => String::new(),
        advice => format!(" → {advice}"),
    };
    let code = match code {
        code if code.is_empty() || level == "OK" => String::new(),
        code => format!(" [{code}]"),
    };
    format!("{level:<4}  {about}: {}{advice}{code}\n", text("fact"))
}

#[cfg(test)]
mod tests {
    use super::super::super::assemble::inspect::CODES;
    use super::super::super::findings::{Code, Finding};
    use super::*;

    fn all() -> Vec<&'static Code> {
        CODES.iter().flat_map(|(_, codes)| codes.iter()).collect()
    }

    fn told(findings: &[Finding]) -> String {
        to_others(&serde_json::to_string_pretty(findings).unwrap())
    }

    #[test]
    fn of_people_it_is_told_that_there_are_some_and_all_else_as_doctor_says_it() {
        for code in all() {
            let fact = "uid=camille,ou=people is one";
            let finding = Finding::of(code, "ldap://one", fact, "mend it");
            let told = told(std::slice::from_ref(&finding));
            match ABOUT_PEOPLE.contains(&code.name) {
                true => {
                    assert!(
                        told.contains("ldap://one: … [") && told.contains(code.name),
                        "{told}"
                    );
                    assert!(!told.contains("camille"), "{told}");
                }
                false => assert_eq!(told, format!("{finding}\n")),
            }
        }
        let fine = Finding::ok("files", "fine");
        assert_eq!(told(&[fine.clone(), fine.clone()]), format!("{fine}\n{fine}\n"));
    }

    #[test]
    fn the_codes_whose_evidence_is_people_are_codes() {
        for name in ABOUT_PEOPLE {
            assert!(all().iter().any(|code| code.name == name), "{name}");
        }
    }

    #[test]
    fn what_is_no_list_of_findings_is_not_copied() {
        for text in ["", "half [", "\"uid=camille\""] {
            assert!(to_others(text).starts_with("doctor said nothing"), "{text}");
        }
    }
}
