//! How a service's answer is shaped: the named style as the settings it stands for, and the check of
//! those settings, whoever wrote them.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};

use super::{Check, OneOrMore, ServiceSettings};
use crate::protocol::response::{Place, Shape, item_name, xml_name};
use crate::services::service::ReleasedName;
use crate::services::styles::{Codes, PRESETS, Preset, Several, preset};

impl ServiceSettings {
    /// The same with its style's settings wherever it writes none of its own.
    pub(super) fn styled(&self, check: &mut Check) -> Cow<'_, ServiceSettings> {
        let Some(name) = &self.style else {
            return Cow::Borrowed(self);
        };
        let Some(preset) = preset(name) else {
            let names: Vec<&str> = PRESETS.iter().map(|preset| preset.name).collect();
            check.problem(
                "style",
                format!("there is no style “{name}”; there are: {}", names.join(", ")),
            );
            return Cow::Borrowed(self);
        };
        let mut styled = self.clone();
        styled.take_over(preset);
        Cow::Owned(styled)
    }

    fn take_over(&mut self, preset: &Preset) {
        if self.user.is_none() {
            self.user = preset.user.map(str::to_owned);
            let case = preset.user_case.map(str::to_owned);
            self.user_case = self.user_case.take().or(case);
        }
        if self.attributes.is_empty() && self.renamed_attributes.is_empty() && !self.all_attributes {
            self.attributes = owned(preset.attributes);
            let renamed = preset.renamed_attributes.iter();
            let renamed = renamed.map(|(name, sent_as)| ((*name).to_owned(), OneOrMore::from(*sent_as)));
            self.renamed_attributes = renamed.collect();
        }
        let own = |text: &mut Option<String>, of_preset: Option<&str>| {
            *text = text.take().or(of_preset.map(str::to_owned));
        };
        own(&mut self.attributes_in, preset.attributes_in);
        own(&mut self.several_values, preset.several_values);
        self.attributes_in_v2 = self.attributes_in_v2.or(Some(preset.attributes_in_v2));
        self.json_scalars = self.json_scalars.or(Some(preset.json_scalars));
        // A service that sends other attributes has no use for what is said of those of the style.
        let renamed = self.renamed_attributes.values().flat_map(|names| &names.0);
        let sent: HashSet<String> = self.attributes.iter().chain(renamed).cloned().collect();
        if self.nested_attributes.is_empty() {
            self.nested_attributes = owned(preset.nested_attributes);
            self.nested_attributes.retain(|name| sent.contains(name));
        }
        if self.value_codes.is_empty() {
            let codes = preset.value_codes.iter();
            let codes = codes.map(|(name, codes)| ((*name).to_owned(), owned_pairs(codes)));
            self.value_codes = codes.filter(|(name, _)| sent.contains(name)).collect();
        }
    }
}

impl Check {
    pub(super) fn shape(&mut self, settings: &ServiceSettings) -> Shape {
        let place = match settings.attributes_in.as_deref() {
            None | Some("attributes") => Place::Attributes,
            Some("flat") => Place::Flat,
            Some("user-attributes") => Place::UserAttributes,
            Some(other) => {
                self.problem(
                    "attributes_in",
                    format!("“{other}” is none of attributes, flat and user-attributes"),
                );
                Place::Attributes
            }
        };
        Shape {
            place,
            json_scalars: settings.json_scalars.unwrap_or_default(),
        }
    }

    pub(super) fn several(&mut self, settings: &ServiceSettings) -> Several {
        let Some(text) = settings.several_values.as_deref() else {
            return Several::default();
        };
        Several::parse(text).unwrap_or_else(|| {
            let known = "repeated, first, joined and joined:<what stands between>";
            self.problem(
                "several_values",
                format!("“{}” is none of {known}", text.escape_debug()),
            );
            Several::default()
        })
    }

    /// Items are elements of their own: none may have the name of an attribute or of the protocol,
    /// for clients look for names at every depth (CAS-240, CAS-241).
    pub(super) fn nested(&mut self, settings: &ServiceSettings, released: &[ReleasedName]) -> Vec<String> {
        let field = "nested_attributes";
        let in_xml = |name: &str| xml_name(name).to_ascii_lowercase();
        let mut taken: HashSet<String> = released.iter().map(|name| in_xml(&name.sent_as)).collect();
        for name in &settings.nested_attributes {
            if !released.iter().any(|sent| sent.sent_as == *name) {
                self.problem(
                    field,
                    format!("no attribute is sent as “{name}”; write the name as it is sent"),
                );
                continue;
            }
            let problem = match item_name(name) {
                None => "has no name for its items; a list is named after them with an s".to_owned(),
                Some(item) if !taken.insert(in_xml(item)) => {
                    format!("has items named “{item}”, as another attribute is; rename one of them")
                }
                Some(_) => continue,
            };
            self.problem(field, format!("“{name}” {problem}"));
        }
        settings.nested_attributes.clone()
    }

    pub(super) fn codes(
        &mut self,
        settings: &ServiceSettings,
        released: &[ReleasedName],
    ) -> BTreeMap<String, Codes> {
        for (name, codes) in &settings.value_codes {
            if !released.iter().any(|sent| sent.sent_as == *name) {
                self.problem(
                    "value_codes",
                    format!("no attribute is sent as “{name}”; write the name as it is sent"),
                );
            }
            if codes.is_empty()
                || codes
                    .iter()
                    .any(|(value, code)| value.is_empty() || code.trim().is_empty())
            {
                let mend = "write a code for each value that goes out";
                self.problem("value_codes", format!("“{name}” lacks a code; {mend}"));
            }
        }
        settings.value_codes.clone()
    }
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn owned_pairs(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    let owned = pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned()));
    owned.collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{fields, one_realm, service};
    use super::*;
    use crate::services::styles::Evidence;

    #[test]
    fn every_style_makes_a_sound_service_and_says_how_it_is_known() {
        // CAS-240, CAS-241
        for preset in PRESETS {
            let styled = service(|settings| settings.style = Some(preset.name.into()));
            let sent: Vec<&str> = styled.released.iter().map(|name| name.sent_as.as_str()).collect();
            for name in preset.nested_attributes {
                assert!(styled.nests(name) && sent.contains(name), "{}", preset.name);
            }
            for (name, _) in preset.value_codes {
                assert!(styled.value_codes.contains_key(*name), "{}", preset.name);
            }
            let (Evidence::SeenWith(how) | Evidence::FromDescription(how)) = preset.evidence;
            assert!(!how.is_empty() && !preset.note.is_empty(), "{}", preset.name);
            let others = PRESETS.iter().filter(|other| other.name == preset.name);
            assert_eq!(others.count(), 1);
        }
    }

    #[test]
    fn what_the_service_writes_itself_wins() {
        let kne = service(|settings| {
            settings.style = Some("kne".into());
            settings.attributes = vec!["ENTEleveClasses".into()];
            settings.attributes_in = Some("attributes".into());
            settings.several_values = Some("joined:,".into());
            settings.attributes_in_v2 = Some(false);
            settings.user = Some("opaque".into());
        });
        assert_eq!(kne.shape, Shape::default());
        assert_eq!(kne.several, Several::Joined(",".into()));
        assert_eq!(kne.nested, ["ENTEleveClasses"], "of the style, for what is sent");
        assert!(!kne.attributes_in_v2 && kne.released.len() == 1);
        let pronote = service(|settings| {
            settings.style = Some("pronote".into());
            settings.renamed_attributes = [("sn".to_owned(), "nom".into())].into();
        });
        assert!(pronote.value_codes.is_empty() && pronote.released.len() == 1);
        let zimbra = service(|settings| {
            settings.style = Some("zimbra".into());
            settings.user = Some("plain".into());
        });
        assert_eq!(zimbra.user_case, crate::services::UserCase::AsIs);
    }

    #[test]
    fn what_no_answer_can_be_made_of_is_refused() {
        // CAS-240, CAS-241
        let wrong = |change: fn(&mut ServiceSettings)| fields(&one_realm(), change);
        assert_eq!(wrong(|s| s.style = Some("Moodle".into())), ["style"]);
        assert_eq!(
            wrong(|s| s.attributes_in = Some("cas:attributes".into())),
            ["attributes_in"]
        );
        assert_eq!(
            wrong(|s| s.several_values = Some("joined:".into())),
            ["several_values"]
        );
        let nested = |attributes: &[&str], nested: &[&str]| {
            fields(&one_realm(), |s| {
                s.attributes = owned(attributes);
                s.nested_attributes = owned(nested);
            })
        };
        assert!(nested(&["groups", "classes"], &["groups", "classes"]).is_empty());
        for (attributes, lists) in [
            (&["mail"][..], &["mail"][..]),
            (&["mail"], &["groups"]),
            (&["users"], &["users"]),
            (&["proxys"], &["proxys"]),
            (&["groups", "group"], &["groups"]),
            (&["Groups", "grouP"], &["Groups"]),
            (&["a:s", "a_"], &["a:s"]),
            (&["groupss", "groups"], &["groupss"]),
        ] {
            assert_eq!(nested(attributes, lists), ["nested_attributes"], "{attributes:?}");
        }
        let codes = |name: &str, codes: &[(&str, &str)]| {
            fields(&one_realm(), |s| {
                s.attributes = vec!["mail".into()];
                s.value_codes.insert(name.into(), owned_pairs(codes));
            })
        };
        assert!(codes("mail", &[("a", "1")]).is_empty());
        assert_eq!(codes("sn", &[("a", "1")]), ["value_codes"]);
        assert_eq!(codes("mail", &[]), ["value_codes"]);
        assert_eq!(codes("mail", &[("a", " ")]), ["value_codes"]);
    }

    #[test]
    fn words_of_the_protocol_are_refused_in_every_shape() {
        // CAS-241
        for place in ["attributes", "flat", "user-attributes"] {
            for name in crate::protocol::response::RESERVED_NAMES {
                let flat = |s: &mut ServiceSettings| {
                    s.attributes_in = Some(place.into());
                    s.attributes = vec![name.into()];
                };
                assert_eq!(fields(&one_realm(), flat), ["attributes"], "{name} in {place}");
            }
        }
    }
}
