//! Bounds of whole numbers that are narrower than their kind, for those who write them. The checks are
//! `build`'s; a test holds the two together.

use super::FileKind;

type Bound = (FileKind, &'static str, i128, i128);

const BOUNDS: &[Bound] = &[
    (FileKind::Server, "mail.waiting", 10, 50_000),
    (FileKind::Server, "sms.a_month", 1, 10_000_000),
    (FileKind::Server, "rest.clients.requests_a_minute", 1, 100_000),
    (FileKind::Realm, "recovery.forms_an_hour", 1, 1_000_000),
    (FileKind::Realm, "recovery.school_factor", 1, 1000),
    (FileKind::Realm, "recovery.requests_an_hour", 1, 10_000_000),
    (FileKind::Realm, "recovery.letters_an_hour", 1, 100),
    (FileKind::Realm, "recovery.letters_a_day", 1, 100),
    (FileKind::Realm, "recovery.texts_an_hour", 1, 100),
    (FileKind::Realm, "recovery.texts_a_day", 1, 100),
];

/// What fits at a key: by the list, otherwise by its kind.
pub fn of(file: FileKind, path: &str, kind: Option<(i128, i128)>) -> Option<(i128, i128)> {
    let mut listed = BOUNDS.iter();
    let found = listed.find(|(of, key, _, _)| *of == file && *key == path);
    found.map(|(_, _, least, most)| (*least, *most)).or(kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::outline::known;

    #[test]
    fn every_bound_is_of_a_whole_number_that_there_is() {
        let all = known();
        for (file, path, least, most) in BOUNDS {
            let found = all
                .iter()
                .find(|known| known.file == *file && known.path == *path);
            let found = found.unwrap_or_else(|| panic!("{path}"));
            assert_eq!(found.kind.as_deref(), Some("whole number"), "{path}");
            assert_eq!(found.bounds, Some((*least, *most)));
        }
    }
}
