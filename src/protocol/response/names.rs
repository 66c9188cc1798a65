//! Names of attributes: which the protocol keeps for itself, and how the others become XML names.

use std::borrow::Cow;

use crate::protocol::byte_set::ByteSet;

/// The characters that an XML name keeps.
const KEPT: ByteSet = ByteSet::of(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

/// Names that a client would take for the protocol's own elements (CAS-241), and the three
/// attributes the server writes itself (CAS-145), and the element around a service's own.
pub const RESERVED_NAMES: [&str; 15] = [
    "user",
    "attributes",
    "userAttributes",
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
    // Mapping leaves letters as they are and puts `_` for all else; reserved names are letters only,
    // so no other name is mapped to one.
    RESERVED_NAMES
        .iter()
        .any(|reserved| reserved.eq_ignore_ascii_case(name))
}

/// The name as an XML element's: `_` for every character but ASCII letters, digits, `.`, `-`, `_`,
/// and before a first one that is no letter (CAS-240). Letters beyond ASCII go too, since names
/// know no numeric references (CAS-139).
pub fn xml_name(name: &str) -> Cow<'_, str> {
    let starts_well = name.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic());
    if starts_well && name.bytes().all(|byte| KEPT.has(byte)) {
        return Cow::Borrowed(name);
    }
    let mut mapped = String::with_capacity(name.len() + 1);
    if !starts_well {
        mapped.push('_');
    }
    let kept = |c| u8::try_from(c).is_ok_and(|byte| KEPT.has(byte));
    mapped.extend(name.chars().map(|c: char| if kept(c) { c } else { '_' }));
    Cow::Owned(mapped)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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

    proptest! {
        #[test]
        fn a_name_is_reserved_exactly_if_it_is_mapped_to_a_reserved_one(
            at in 0..RESERVED_NAMES.len(), before in ".?", after in ".?", any in any::<String>()
        ) {
            // CAS-240, CAS-241
            for name in [format!("{before}{}{after}", RESERVED_NAMES[at]), any] {
                let mapped = xml_name(&name);
                let meets = RESERVED_NAMES.iter().any(|reserved| reserved.eq_ignore_ascii_case(&mapped));
                prop_assert_eq!(is_reserved(&name), meets);
            }
        }
    }
}
