//! What every store keeps of the applications that a session went to.

use mereau::base::names::ServiceId;
use mereau::protocol::ticket_id::{TicketId, TicketKind};
use mereau::tickets::limits::VISITS_KEPT;
use mereau::tickets::{Granted, ServiceTicket, Visit};

pub use super::World;
use super::{anne, is_whole, ticket, waiting};

/// Goes to an application; what is to be kept of it.
pub async fn visits(world: &World, tgt: &TicketId, service: &str, url: &str) -> Visit {
    let service = ServiceId::new(service).unwrap();
    let ticket = ServiceTicket {
        service,
        ..ticket(url)
    };
    let id = world.mint(TicketKind::Service, &anne());
    let granted = world.tickets().grant(tgt, waiting(&id, &ticket)).await.unwrap();
    assert_eq!(granted, Granted::Ticket);
    assert!(is_whole(&world.take(&id, url).await));
    Visit {
        ticket: id.expose().to_owned(),
        service: ticket.service,
        url: ticket.url,
    }
}

pub async fn a_session_remembers_what_it_visited_to_the_letter(world: World) {
    // CAS-113, CAS-194
    let tgt = world.open(&anne()).await;
    let far = format!("https://{}.univ-exemple.fr/wiki", "a".repeat(200));
    let long = format!("https://wiki.univ-exemple.fr/?q={}", "é".repeat(500));
    let longer = format!("https://wiki.univ-exemple.fr/{}", "a".repeat(33_000));
    let mut shown = Vec::new();
    for (service, url) in [
        ("wiki", "https://wiki.univ-exemple.fr/cas?next=%2F"),
        ("wiki", "http://wiki"),
        ("notes-de-cours", "https://cours.univ-exemple.fr/"),
        ("https", "https://https/"),
        ("wiki", &far),
        ("0", "imap://mail.univ-exemple.fr/"),
        ("wiki", &long),
        ("w", "https://"),
    ] {
        shown.push(visits(&world, &tgt, service, url).await);
    }
    assert_eq!(world.end(&tgt).await.unwrap().visits, shown);
    let tgt = world.open(&anne()).await;
    let shown = visits(&world, &tgt, "wiki", &longer).await;
    assert_eq!(world.end(&tgt).await.unwrap().visits, [shown]);
}

pub async fn visits_give_way_whatever_their_length(world: World) {
    // CAS-113
    let tgt = world.open(&anne()).await;
    let mut shown = Vec::new();
    for number in 0..VISITS_KEPT + 3 {
        let url = format!("https://wiki.example/{number}/{}", "a".repeat(number % 5 * 60));
        shown.push(visits(&world, &tgt, "wiki", &url).await);
    }
    // Every use reads the session with all of them behind it.
    world.tickets().set_warn(&tgt, true).await.unwrap();
    assert!(world.view(&tgt).await.unwrap().session.warn);
    let connections = world.tickets().connections(&anne()).await.unwrap().listed;
    assert_eq!(connections[0].visits, shown[3..]);
    assert_eq!(
        world.tickets().end_all(&anne()).await.unwrap()[0].visits,
        shown[3..]
    );
}
