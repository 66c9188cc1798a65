//! One ticket brought by eight connections at once to two nodes, a thousand times: exactly one of them
//! gets it each time.

use futures_util::future::try_join_all;

use super::Found;
use super::client::{Address, Connection};
use super::form::encoded;
use super::journeys::{APPLICATION, Door, enter, sign_in};
use super::report::{Figure, Target};
use super::stand::Stand;

const CONNECTIONS: usize = 8;

pub async fn measure(quick: bool) -> anyhow::Result<Found> {
    let rounds = if quick { 50 } else { 1_000 };
    let stand = Stand::start(20, 2);
    let mut door = Door::new(stand.address(), true);
    let mut sessions = Vec::new();
    for person in stand.people.iter() {
        sessions.push(sign_in(&mut door, person, APPLICATION).await?);
    }
    let mut connections = Vec::new();
    for number in 0..CONNECTIONS {
        let port = stand.nodes[number % stand.nodes.len()].port();
        connections.push(Address::plain(port).open().await?);
    }
    let (mut once, mut never, mut often) = (0, 0, 0);
    for round in 0..rounds {
        let service = format!("{APPLICATION}race/{round}");
        let session = &sessions[round % sessions.len()];
        let (ticket, _) = enter(door.browser().await?, session, &service).await?;
        let target = format!(
            "/cas/p3/serviceValidate?service={}&ticket={}",
            encoded(&service),
            ticket.id
        );
        let answers = connections
            .iter_mut()
            .map(|connection| validated(connection, &target));
        let successes = try_join_all(answers)
            .await?
            .into_iter()
            .filter(|success| *success)
            .count();
        match successes {
            1 => once += 1,
            0 => never += 1,
            _ => often += 1,
        }
    }
    let none = |name, count: i32| Figure::new(name, "", f64::from(count)).reaching(Target::AtMost(0.0));
    Ok(Found {
        figures: vec![
            Figure::new("races with a single success", "", f64::from(once)).beside(rounds as f64),
            none("  without a success", never),
            none("  with two and more", often),
        ],
        notes: vec![format!(
            "{rounds} tickets, each by {CONNECTIONS} connections at once, on two nodes"
        )],
        ..Found::default()
    })
}

/// Whether the ticket was good; anything but a yes or the right no is an error.
async fn validated(connection: &mut Connection, target: &str) -> anyhow::Result<bool> {
    let reply = connection.get(target, "").await?;
    let text = reply.text();
    let (yes, no) = (
        text.contains("authenticationSuccess"),
        text.contains("INVALID_TICKET"),
    );
    anyhow::ensure!(yes != no, "{} {text}", reply.status);
    Ok(yes)
}
