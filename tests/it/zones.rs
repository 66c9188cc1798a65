//! Times on the pages of a realm are those of the clocks on its walls.

use std::time::Duration;

use mereau::base::names::{InstitutionId, RealmId};
use mereau::base::texts::Texts;
use mereau::realms::{Banner, Institution, Realm};

use crate::house::{CAMILLE, House, Plan, build};

/// Realms overseas, their zones, and how pages call these.
const ZONES: [(&str, &str, &str); 3] = [
    ("reunion", "Indian/Reunion", "heure de La Réunion"),
    ("martinique", "America/Martinique", "heure de Martinique"),
    ("noumea", "Pacific/Noumea", "heure de Nouméa"),
];

fn in_its_zone(realm: &mut Realm) {
    let zone = ZONES.iter().find(|(id, _, _)| *id == realm.id.as_str());
    realm.time_zone = zone.map(|(_, zone, _)| (*zone).to_owned());
}

/// Announces works from 15:00 to 23:30 of the day on which tests begin.
fn under_repair(realm: &mut Realm) {
    in_its_zone(realm);
    realm.banner = Some(Banner {
        text: Texts::same("Travaux"),
        from: Some("2026-11-18T15:00".parse().unwrap()),
        until: Some("2026-11-18T23:30".parse().unwrap()),
    });
}

/// The campus and the three, with an institution each.
async fn house(adjust: fn(&mut Realm)) -> House {
    let realms = ["campus"].into_iter().chain(ZONES.map(|(id, _, _)| id));
    let institutions = realms.map(|id| {
        let (name, realm) = (InstitutionId::new(id), RealmId::new(id));
        Institution::new(name.unwrap(), realm.unwrap(), Texts::same(id))
    });
    build(Plan {
        institutions: Some(institutions.collect()),
        more_realms: ZONES.map(|(id, _, _)| id.to_owned()).into(),
        adjust,
        ..Plan::default()
    })
    .await
}

async fn announced(house: &House, id: &str) -> String {
    let page = house.browser().get(&format!("/cas/t/{id}/login")).await;
    assert_eq!(page.status, 200);
    page.text_of(".banner")
}

#[tokio::test]
async fn an_announcement_begins_and_ends_by_the_clocks_of_its_realm() {
    let house = house(under_repair).await;
    // 15:06 in La Réunion, 22:06 in Nouméa, 07:06 in Martinique.
    let reunion = announced(&house, "reunion").await;
    assert!(reunion.contains("23:30 (heure de La Réunion)"), "{reunion}");
    let noumea = announced(&house, "noumea").await;
    assert!(noumea.contains("23:30 (heure de Nouméa)"), "{noumea}");
    assert_eq!(announced(&house, "martinique").await, "");
    // 12:06 in Paris.
    assert_eq!(announced(&house, "campus").await, "");
    house.clock.advance(Duration::from_secs(90 * 60));
    assert_ne!(announced(&house, "reunion").await, "");
    assert_eq!(announced(&house, "noumea").await, "", "23:36");
    house.clock.advance(Duration::from_secs(14 * 3600 + 30 * 60));
    let martinique = announced(&house, "martinique").await;
    assert!(martinique.contains("23:30 (heure de Martinique)"), "{martinique}");
    assert_eq!(announced(&house, "reunion").await, "", "07:06");
}

#[tokio::test]
async fn how_long_to_wait_is_told_by_the_clocks_of_the_realm() {
    let house = house(in_its_zone).await;
    let told = ZONES.map(|(id, _, told)| (id, told)).into_iter();
    for (id, told) in told.chain([("campus", "heure de Paris")]) {
        let path = format!("/cas/t/{id}/login");
        let mut browser = house.browser();
        let pause = loop {
            let reply = browser.sign_in(&path, (CAMILLE.0, "wrong")).await;
            match reply.header("retry-after").parse() {
                Ok(pause) if pause >= 60 => break reply.body,
                Ok(pause) => house.clock.advance(Duration::from_secs(pause)),
                Err(_) => {}
            }
        };
        assert!(pause.contains(told), "{id}: {pause}");
    }
}
