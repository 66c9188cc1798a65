//! What every store's list of nodes does.

use std::time::Duration;

use mereau::tickets::{Announced, LONGEST_NODE, LONGEST_NODE_NAME, NODE_LIFE};

use super::SECOND;
pub use super::World;

fn told(nodes: &[Announced]) -> Vec<(&str, &[u8])> {
    nodes
        .iter()
        .map(|node| (node.name.as_str(), node.said.as_slice()))
        .collect()
}

pub async fn nodes_are_there_for_half_a_minute_after_their_last_word(world: World) {
    // F-32
    let nodes = world.place.nodes();
    let list = || async { nodes.nodes().await.unwrap() };
    assert_eq!(list().await, []);
    nodes.announce("idp-2", b"\x00old").await.unwrap();
    nodes.announce("idp-1:443", b"one").await.unwrap();
    nodes.announce("idp-2", b"\x00\xff two").await.unwrap();
    let both: &[(&str, &[u8])] = &[("idp-1:443", b"one"), ("idp-2", b"\x00\xff two")];
    assert_eq!(told(&list().await), both);

    world.pass(NODE_LIFE - Duration::from_secs(5)).await;
    nodes.announce("idp-2", b"two").await.unwrap();
    world.pass(6 * SECOND).await;
    assert_eq!(told(&list().await), [("idp-2", &b"two"[..])]);

    nodes.announce("idp-3", b"three").await.unwrap();
    nodes.leave("idp-2").await.unwrap();
    nodes.leave("idp-1:443").await.unwrap();
    assert_eq!(told(&list().await), [("idp-3", &b"three"[..])]);
    world.pass(NODE_LIFE).await;
    assert_eq!(list().await, []);
}

pub async fn what_a_node_says_is_bounded(world: World) {
    // F-32
    let nodes = world.place.nodes();
    let (name, said) = ("n".repeat(LONGEST_NODE_NAME), vec![b'x'; LONGEST_NODE]);
    nodes.announce(&name, &said).await.unwrap();
    assert_eq!(
        told(&nodes.nodes().await.unwrap()),
        [(name.as_str(), said.as_slice())]
    );
    assert!(nodes.announce(&format!("{name}n"), b"x").await.is_err());
    assert!(nodes.announce("n", &[said, vec![b'x']].concat()).await.is_err());
}
