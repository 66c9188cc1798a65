//! Names of attributes: which the protocol keeps for itself, and how the others become XML names.

/// Names that a client would take for the protocol's own elements (CAS-241), and the three
/// attributes the server writes itself (CAS-145).
pub const RESERVED_NAMES: [&str; 14] = [
    "user",
    "attributes",
    "attribute",
    "proxy",
    "proxies",
    "proxyGrantingTicket",
    "proxyTicket",
    "authenticationFailure",
    "authenticationSuccess",
    "proxyFailure",
    "serviceResponse",
    "authenticationDate",
    "longTermAuthenticationRequestTokenUsed",
    "isFromNewLogin",
];

/// Whether no attribute may be sent under this name, in whatever case and after mapping.
pub fn is_reserved(name: &str) -> bool {
    // Reserved names are letters, which mapping leaves as they are.
    let mapped = xml_name(name);
    RESERVED_NAMES
        .iter()
        .any(|reserved| reserved.eq_ignore_ascii_case(&mapped))
}

/// The name as an XML element's: `_` for every character but ASCII letters, digits, `.`, `-`, `_`,
/// and before a first one that is no letter (CAS-240). Letters beyond ASCII go too, since names
/// know no numeric references (CAS-139).
pub fn xml_name(name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let mapped: String = name.chars().map(|c| if plain(c) { c } else { '_' }).collect();
    if mapped.starts_with(|c: char| c.is_ascii_alphabetic()) {
        mapped
    } else {
        format!("_{mapped}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_xml_names() {
        // CAS-240, CAS-304
        for (name, mapped) in [
            ("mail", "mail"),
            ("eduPersonAffiliation;lang-fr", "eduPersonAffiliation_lang-fr"),
            ("urn:oid:0.9.2342", "urn_oid_0.9.2342"),
            ("1st", "_1st"),
            ("_x", "__x"),
            ("", "_"),
            ("prénom", "pr_nom"),
            ("a><cas:user>b", "a__cas_user_b"),
        ] {
            assert_eq!(xml_name(name), mapped);
        }
    }

    #[test]
    fn the_protocols_own_names_are_reserved() {
        // CAS-241
        for name in RESERVED_NAMES {
            assert!(is_reserved(name) && is_reserved(&name.to_uppercase()), "{name}");
        }
        assert!(!is_reserved("mail") && !is_reserved("users"));
    }
}
