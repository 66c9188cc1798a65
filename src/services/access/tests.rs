//! Who gets in.

use super::super::settings::ServiceSettings;
use super::super::settings::tests::{realms, service, settings};
use super::*;

const NOW: Timestamp = Timestamp(1_795_000_000_000);

fn univ() -> RealmId {
    RealmId::new("univ").expect("a slug")
}

fn person(all: &[(&str, &[&str])]) -> Vec<(String, Vec<String>)> {
    let owned = all.iter().map(|(name, values)| {
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        ((*name).to_owned(), values)
    });
    owned.collect()
}

fn ask(service: &Service, attributes: &[(&str, &[&str])]) -> Access {
    service.access(&univ(), &person(attributes), NOW)
}

fn values(all: &[&str]) -> Vec<String> {
    all.iter().map(|value| (*value).to_owned()).collect()
}

#[test]
fn a_disabled_service_and_one_of_another_realm_are_closed() {
    // CAS-60
    let other = RealmId::new("other").expect("a slug");
    let open = service(|_| {});
    assert_eq!(open.access(&univ(), &[], NOW), Access::Granted);
    assert_eq!(open.access(&other, &[], NOW), Access::OtherRealm);
    let closed = service(|settings| settings.enabled = false);
    assert_eq!(closed.access(&univ(), &[], NOW), Access::Disabled);
    assert!(!closed.is_open(NOW));
    assert!(!open.needs_attributes());
}

#[test]
fn a_service_is_open_from_its_first_moment_until_right_before_its_last() {
    // CAS-60
    let season = service(|settings| {
        // NOW is 2026-11-18T11:06:40Z.
        settings.opens = Some("2026-11-18T12:06:40+01:00".into());
        settings.closes = Some("2026-11-18T12:07:40[Europe/Paris]".into());
    });
    for (moment, open) in [
        (Timestamp(NOW.0 - 1), false),
        (NOW, true),
        (Timestamp(NOW.0 + 59_999), true),
        (Timestamp(NOW.0 + 60_000), false),
    ] {
        let access = season.access(&univ(), &[], moment);
        assert_eq!(access == Access::Granted, open, "{moment:?}");
        assert_eq!(access == Access::Closed, !open, "{moment:?}");
        assert_eq!(season.is_open(moment), open, "{moment:?}");
    }
}

#[test]
fn every_required_attribute_must_have_one_of_its_values() {
    // CAS-55
    let staff = service(|settings| {
        let accepted = values(&["staff", "faculty"]);
        settings
            .required_attributes
            .insert("eduPersonAffiliation".into(), accepted);
    });
    assert!(staff.needs_attributes());
    let affiliation = |values| ask(&staff, &[("edupersonaffiliation", values)]);
    assert_eq!(affiliation(&["student", "staff"]), Access::Granted);
    for values in [&["student"][..], &["Staff"], &["staffx"], &[""], &[]] {
        let lacks = Access::Lacks("eduPersonAffiliation".into());
        assert_eq!(affiliation(values), lacks, "{values:?}");
    }
    let any = service(|settings| {
        settings.required_attributes.insert("mail".into(), Vec::new());
    });
    assert_eq!(ask(&any, &[("mail", &["a@x"])]), Access::Granted);
    assert_eq!(ask(&any, &[("mail", &[""])]), Access::Lacks("mail".into()));
    assert_eq!(ask(&any, &[]), Access::Lacks("mail".into()));
}

fn two_required(settings: &mut ServiceSettings) {
    settings
        .required_attributes
        .insert("eduPersonAffiliation".into(), values(&["staff"]));
    settings.required_attributes.insert("mail".into(), Vec::new());
}

#[test]
fn one_required_attribute_is_enough_where_any_is() {
    // CAS-55
    let all = service(two_required);
    let any = service(|settings| {
        two_required(settings);
        settings.required_any = true;
    });
    let staff: (&str, &[&str]) = ("eduPersonAffiliation", &["staff"]);
    let mail: (&str, &[&str]) = ("mail", &["a@x"]);
    for (has, by_all, by_any) in [
        (&[staff, mail][..], true, true),
        (&[staff], false, true),
        (&[mail], false, true),
        (&[], false, false),
    ] {
        assert_eq!(ask(&all, has) == Access::Granted, by_all, "{has:?}");
        assert_eq!(ask(&any, has) == Access::Granted, by_any, "{has:?}");
    }
}

#[test]
fn one_rejected_value_is_enough_to_be_turned_away() {
    // CAS-55
    let service = service(|settings| {
        two_required(settings);
        settings
            .rejected_attributes
            .insert("employeeType".into(), values(&["temporary", "intern"]));
        settings
            .rejected_attributes
            .insert("supannListeRouge".into(), Vec::new());
    });
    let good: [(&str, &[&str]); 2] = [("mail", &["a@x"]), ("eduPersonAffiliation", &["staff"])];
    let with = |one: (&'static str, &'static [&'static str])| {
        let all = [good[0], good[1], one];
        ask(&service, &all)
    };
    assert_eq!(ask(&service, &good), Access::Granted);
    assert_eq!(with(("employeeType", &["permanent"])), Access::Granted);
    let rejected = |name: &str| Access::Rejected(name.into());
    assert_eq!(
        with(("EMPLOYEETYPE", &["permanent", "intern"])),
        rejected("employeeType")
    );
    assert_eq!(
        with(("supannListeRouge", &["FALSE"])),
        rejected("supannListeRouge")
    );
    assert_eq!(with(("supannListeRouge", &[""])), Access::Granted, "no value");
}

#[test]
fn values_are_compared_exactly_without_case_or_by_pattern() {
    // CAS-55
    let comparing = |how: Option<&str>, value: &str| {
        let staff = service(|settings| {
            settings.attribute_values = how.map(str::to_owned);
            settings
                .required_attributes
                .insert("memberOf".into(), values(&[value]));
        });
        let granted = |has: &str| ask(&staff, &[("memberOf", &[has])]) == Access::Granted;
        ["cn=é", "CN=É", "cn=éa", "xcn=é"].map(granted)
    };
    assert_eq!(comparing(None, "cn=é"), [true, false, false, false]);
    assert_eq!(comparing(Some("exact"), "cn=.*"), [false, false, false, false]);
    assert_eq!(comparing(Some("ignore-case"), "Cn=É"), [true, true, false, false]);
    assert_eq!(comparing(Some("pattern"), "cn=.*"), [true, false, true, false]);
    assert_eq!(comparing(Some("pattern"), "(?i)cn=.*"), [true, true, true, false]);
}

#[test]
fn a_service_for_some_profiles_is_closed_to_others_of_each_realm() {
    // CAS-55
    let mut two = realms(&["univ", "lycee"]);
    two[0].profile_attributes = values(&["eduPersonAffiliation", "ENTPersonProfils"]);
    two[1].profile_attributes = values(&["ENTPersonProfils"]);
    let mut settings = settings();
    settings.profiles = values(&["student", "National_ELV"]);
    let pupils = settings
        .check(&two)
        .unwrap_or_else(|problems| panic!("{problems:?}"));
    assert!(pupils.needs_attributes());
    let [univ, lycee] = [two[0].id.clone(), two[1].id.clone()];
    let student = person(&[("edupersonaffiliation", &["member", "Student"])]);
    let pupil = person(&[("ENTPersonProfils", &["National_ELV"])]);
    let teacher = person(&[("ENTPersonProfils", &["National_ENS"])]);
    assert_eq!(pupils.access(&univ, &student, NOW), Access::Granted);
    assert_eq!(pupils.access(&univ, &pupil, NOW), Access::Granted);
    assert_eq!(pupils.access(&univ, &teacher, NOW), Access::OtherProfile);
    assert_eq!(pupils.access(&lycee, &pupil, NOW), Access::Granted);
    // What tells profiles in one realm tells nothing in the other.
    assert_eq!(pupils.access(&lycee, &student, NOW), Access::OtherProfile);
    assert_eq!(pupils.access(&lycee, &[], NOW), Access::OtherProfile);
}
