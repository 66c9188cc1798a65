//! Where an answer's attributes stand, for applications that look elsewhere than the protocol says
//! (experience §4.4). Which service has which shape is its registration's affair; JSON, SAML and
//! CAS 1 have one place for attributes, whatever stands here.

use super::names::is_reserved;

/// How an answer differs from the protocol's own, for one service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Shape {
    pub place: Place,
    /// JSON: one value as a scalar instead of an array of one (CAS-245).
    pub json_scalars: bool,
}

/// Where the attributes stand in XML. The user comes before all of them in each (CAS-134).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Place {
    /// In `cas:attributes`, as the protocol says.
    #[default]
    Attributes,
    /// Beside the user, directly under `cas:authenticationSuccess`.
    Flat,
    /// In a `cas:userAttributes` inside `cas:attributes`, after the protocol's own three.
    UserAttributes,
}

/// The element of one value of an attribute that is written as a list: `ENTPersonProfil` of
/// `ENTPersonProfils`. None where nothing can be the list of it: the name must end in `s`, and what
/// is left must be a name that the protocol has no use for (CAS-241).
pub fn item_name(list: &str) -> Option<&str> {
    list.strip_suffix('s')
        .filter(|item| !item.is_empty() && !is_reserved(item))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_named_after_its_items_and_no_item_is_taken_for_the_answer() {
        // CAS-241
        assert_eq!(item_name("ENTPersonProfils"), Some("ENTPersonProfil"));
        for no_list in ["", "s", "mail", "users", "Users", "proxys", "attributess"] {
            assert_eq!(item_name(no_list), None, "{no_list}");
        }
    }
}
