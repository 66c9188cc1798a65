//! The sessions of a whole realm, and of whom a filter finds.

use mereau::audit::{Actor, Event};
use mereau::base::names::RealmId;
use mereau::directory::{Filter, Listing};
use mereau::flows::breach::{Ending, Listed, end_each, end_realm, people};
use mereau::tickets::Marks;

use super::{BY, one};
use crate::house::{AMINE, APP, CAMILLE, House, campus, house};

fn realm(name: &str) -> RealmId {
    RealmId::new(name).unwrap()
}

async fn found(house: &House, filter: Option<&str>) -> Vec<Listed> {
    let (id, mut found) = (realm("campus"), Vec::new());
    let wish = Listing {
        filter: filter.map(|text| Filter::parse(text).unwrap()),
        ..Listing::default()
    };
    let catalogue = house.app.catalogue();
    let listing = people(&catalogue, &id, &wish, |person| {
        found.push(Listed::of(&id, person))
    });
    listing.await.unwrap();
    found
}

#[tokio::test]
async fn all_sessions_of_a_realm_end_at_one_stroke_and_no_other_realms() {
    // SEC-54, T-90
    let house = house().await;
    let (mut here, mut there) = (house.browser(), house.browser());
    here.sign_in("/cas/login?tenant=campus", CAMILLE).await;
    there.sign_in("/cas/login?tenant=lycee", CAMILLE).await;
    let unused = here.ticket_for(APP).await;
    let meant = one(&house, CAMILLE.0, "campus").await;
    assert!(house.store.of(&meant.account).await.unwrap().devices.is_some());
    house.audit.take();
    end_realm(&house.app.ports, &realm("campus"), &BY).await.unwrap();
    assert!(here.get("/cas/login?tenant=campus").await.has_form());
    assert!(!there.get("/cas/login?tenant=lycee").await.has_form());
    assert!(house.validate(APP, &unused).await.contains("INVALID_TICKET"));
    assert_eq!(house.store.of(&meant.account).await.unwrap().devices, None);
    let records = house.audit.take();
    let [record] = records.as_slice() else {
        panic!("{records:?}")
    };
    assert_eq!(
        (record.event, record.account.as_ref()),
        (Event::SessionsEnded, None)
    );
    assert_eq!(record.realm.as_ref(), Some(&realm("campus")));
    assert_eq!(record.actor, Actor::Agent(BY.name.to_owned()));
    assert_eq!(record.note.as_deref(), Some(BY.reason));
    here.cookies.clear();
    here.sign_in("/cas/login?tenant=campus", CAMILLE).await;
    assert!(!here.get("/cas/login?tenant=campus").await.has_form());
}

#[tokio::test]
async fn whom_a_filter_finds_is_signed_out_with_their_applications_and_nobody_else() {
    // CAS-200, SEC-54
    let house = campus().await;
    let (mut student, mut staff) = (house.browser(), house.browser());
    student.sign_in("/cas/login", CAMILLE).await;
    staff.sign_in("/cas/login", AMINE).await;
    for browser in [&mut student, &mut staff] {
        let ticket = browser.ticket_for(APP).await;
        assert!(house.validate(APP, &ticket).await.contains("<cas:user>"));
    }
    house.audit.take();
    house.notices.take();
    let students = found(&house, Some("(eduPersonAffiliation=student)")).await;
    assert!(students.len() > 1 && students.len() < found(&house, None).await.len());
    let catalogue = house.app.catalogue();
    let ending = Ending {
        ports: &house.app.ports,
        catalogue: &catalogue,
        by: &BY,
    };
    let mut seen = 0;
    let swept = end_each(&ending, &students, |done| seen = done).await.unwrap();
    assert_eq!(seen, students.len());
    assert_eq!(
        (swept.people, swept.sessions, swept.told, swept.untold),
        (1, 1, 1, 0)
    );
    assert_eq!(house.notices.take().len(), 1);
    assert!(student.get("/cas/login").await.has_form());
    assert!(!staff.get("/cas/login").await.has_form());
    let events: Vec<Event> = house.audit.take().iter().map(|record| record.event).collect();
    assert_eq!(events, [Event::SessionsEnded], "only of who had a session");
    let again = end_each(&ending, &students, |_| ()).await.unwrap();
    assert_eq!((again.people, again.sessions), (0, 0));
}
