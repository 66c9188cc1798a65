//! An agent's help, in the flow that the command calls.

use mereau::audit::{Actor, Event, Outcome};
use mereau::base::names::{EmailAddress, Username};
use mereau::flows::recovery::{GivenByAgent as Given, To, Wish, send_by_agent};
use mereau::messages::Notice;

use super::{NEW, path_of};
use crate::house::{CAMILLE, House};
use crate::recovery::{choose, entry, open, recovering, signs_in, with_people};

async fn sends(house: &House, login: &str, to: Option<&EmailAddress>) -> Given {
    let catalogue = house.app.catalogue();
    let login = Username::typed(login).unwrap();
    let wish = Wish {
        institution: catalogue.institutions.only().unwrap(),
        login: &login,
        to: to.map_or(To::Agent, To::Address),
        agent: "guichet-3",
        reason: "carte vue",
    };
    let given = send_by_agent(&house.app.ports, &catalogue, &wish).await;
    given.unwrap()
}

#[tokio::test]
async fn a_link_goes_to_the_typed_address_the_recorded_one_hears_of_it_and_its_person_chooses() {
    // S4-11, S4-14, SEC-59, T-84
    let house = recovering().await;
    let typed = EmailAddress::stored("camille@ailleurs.example").unwrap();
    let given = sends(&house, CAMILLE.0, Some(&typed)).await;
    assert!(matches!(given, Given::Sent { told: 1, .. }));
    let letters = house.letters.take();
    assert_eq!(letters.len(), 2);
    let link = letters
        .iter()
        .find(|letter| letter.to == "camille@ailleurs.example");
    let link = path_of(&link.unwrap().links()[0].1);
    let told = letters
        .iter()
        .find(|letter| letter.to == "camille.dupont@campus.example");
    assert!(
        matches!(&told.unwrap().notice, Notice::SentByAgent { mask: Some(mask), .. } if mask == "c•••@a•••.example")
    );
    let events = house.audit.take();
    let event = events
        .iter()
        .find(|record| record.event == Event::SentByAgent)
        .unwrap();
    assert_eq!(event.actor, Actor::Agent("guichet-3".to_owned()));
    assert_eq!(event.note.as_deref(), Some("camille@ailleurs.example: carte vue"));
    assert!(event.account.is_some());
    let mut browser = house.browser();
    let form = open(&mut browser, &link).await;
    assert_eq!(choose(&mut browser, &form, NEW).await.status, 303);
    assert!(signs_in(&house, CAMILLE.0, NEW).await);
}

#[tokio::test]
async fn an_agent_recovers_nobody_whom_the_rules_leave_out() {
    // SEC-48, SEC-51, T-83, T-84
    let more = entry(1, "chef", "chef@campus.example", "employeeType: admin")
        + "\n"
        + &entry(2, "fort", "fort@campus.example", "employeeType: otp");
    let house = with_people(&more).await;
    for login in ["chef", "fort"] {
        assert!(
            matches!(sends(&house, login, None).await, Given::Refused("POLICY")),
            "{login}"
        );
    }
    assert!(matches!(sends(&house, "nobody.here", None).await, Given::Nobody));
    assert!(house.letters.take().is_empty());
    let events = house.audit.take();
    let refused = events
        .iter()
        .filter(|record| record.outcome == Outcome::Refused("POLICY"));
    assert_eq!(refused.count(), 2);
}
