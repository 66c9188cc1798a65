//! `/versions`: this node among the others.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use axum::body::Body;
use http::Request;
use http::header::AUTHORIZATION;
use mereau::base::clock::Timestamp;
use mereau::base::edition::Edition;
use mereau::base::entropy::OsEntropy;
use mereau::base::keys::KeyRing;
use mereau::http::admin::Told;
use mereau::jobs::presence::{Node, Presence, Reloaded, Serving};
use mereau::tickets::{Announced, FIRST_SESSION_FORM, Nodes, SESSION_FORM, StoreError};
use serde_json::{Value, json};

use super::{asked, bearer, token};
use crate::house::{House, campus};

/// Nodes that are there, and the form of sessions that the store was told.
#[derive(Default)]
struct Heard {
    nodes: Mutex<Vec<Announced>>,
    form: AtomicU8,
}

#[async_trait]
impl Nodes for Heard {
    async fn announce(&self, name: &str, said: &[u8]) -> Result<(), StoreError> {
        let (name, said) = (name.to_owned(), said.to_vec());
        self.nodes.lock().unwrap().push(Announced { name, said });
        Ok(())
    }

    async fn leave(&self, name: &str) -> Result<(), StoreError> {
        self.nodes.lock().unwrap().retain(|node| node.name != name);
        Ok(())
    }

    async fn nodes(&self) -> Result<Vec<Announced>, StoreError> {
        Ok(self.nodes.lock().unwrap().clone())
    }

    fn all_read(&self, session_form: u8) {
        self.form.store(session_form, Ordering::SeqCst);
    }
}

#[tokio::test]
async fn the_store_writes_what_every_live_node_reads() {
    // F-32
    let house = campus().await;
    let (heard, keys) = (Arc::new(Heard::default()), &house.app.ports.keys);
    let clock = house.clock.as_ref();
    let one = |name: &str| Presence::new(name.to_owned(), heard.clone(), house.app.clone(), keys, clock);
    let (own, other) = (one("idp-1"), one("idp-2"));
    let agreed = async || {
        own.agree().await.unwrap();
        heard.form.load(Ordering::SeqCst)
    };
    own.announce().await.unwrap();
    other.announce().await.unwrap();
    assert_eq!(agreed().await, SESSION_FORM);
    // Of a version before, which says nothing of it, and of one to come.
    heard
        .announce("idp-3", br#"{"name":"idp-3","version":"0.0.9"}"#)
        .await
        .unwrap();
    assert!(agreed().await <= FIRST_SESSION_FORM);
    heard.leave("idp-3").await.unwrap();
    let newer = Node {
        session_form: SESSION_FORM + 1,
        ..other.own()
    };
    heard
        .announce("idp-4", &serde_json::to_vec(&newer).unwrap())
        .await
        .unwrap();
    assert_eq!(agreed().await, SESSION_FORM);
    heard
        .announce("idp-5", b"of a kind that nobody reads")
        .await
        .unwrap();
    assert!(agreed().await <= FIRST_SESSION_FORM);
}

/// Another node that serves this.
struct Other(Edition);

impl Serving for Other {
    fn serving(&self) -> (Edition, Timestamp, Option<Reloaded>) {
        (self.0.clone(), Timestamp(0), None)
    }
}

fn edition(config: &str) -> Edition {
    Edition {
        config: config.to_owned(),
        registry: "r1".to_owned(),
        institutions: "i1".to_owned(),
        themes: String::new(),
    }
}

fn presence(house: &House, name: &str, serving: Arc<dyn Serving>, keys: &KeyRing) -> Arc<Presence> {
    let (store, clock) = (house.store.clone(), house.clock.as_ref());
    Arc::new(Presence::new(name.to_owned(), store, serving, keys, clock))
}

async fn told(house: &House, presence: &Arc<Presence>, path: &str) -> String {
    let told = Told {
        presence: Some(presence.clone()),
        ..Told::of(house.app.clone())
    };
    let request = Request::get(path).header(AUTHORIZATION, bearer());
    let (status, body) = asked(told, token(), request.body(Body::empty()).unwrap()).await;
    assert_eq!(status, 200);
    body
}

async fn versions(house: &House, presence: &Arc<Presence>) -> Value {
    serde_json::from_str(&told(house, presence, "/versions").await).unwrap()
}

#[tokio::test]
async fn nodes_that_serve_something_else_are_named_and_counted() {
    // F-32
    let house = campus().await;
    let keys = &house.app.ports.keys;
    house.app.serves(edition("c1"));
    let own = presence(&house, "idp-1", house.app.clone(), keys);
    let alone = versions(&house, &own).await;
    assert_eq!(alone["nodes"].as_array().unwrap().len(), 1, "it knows of itself");
    assert_eq!(alone["differ"], json!([]));
    assert_eq!(alone["node"]["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(alone["node"]["registry"], "r1");

    own.announce().await.unwrap();
    presence(&house, "idp-2", Arc::new(Other(edition("c1"))), keys)
        .announce()
        .await
        .unwrap();
    assert_eq!(versions(&house, &own).await["differ"], json!([]));
    let stranger = KeyRing::ephemeral(&OsEntropy);
    let third = presence(&house, "idp-3", Arc::new(Other(edition("c2"))), &stranger);
    third.announce().await.unwrap();
    let all = versions(&house, &own).await;
    assert_eq!(all["differ"], json!(["config", "keys"]));
    let names: Vec<&str> = all["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|node| node["name"].as_str())
        .collect();
    assert_eq!(names, ["idp-1", "idp-2", "idp-3"]);
    let page = told(&house, &own, "/metrics").await;
    for line in [
        "nodes 3",
        "nodes_differ{in=\"config\"} 1",
        "nodes_differ{in=\"keys\"} 1",
        "nodes_differ{in=\"version\"} 0",
    ] {
        assert!(page.lines().any(|known| known == line), "{line}\n{page}");
    }

    house.store.leave("idp-3").await.unwrap();
    assert_eq!(versions(&house, &own).await["differ"], json!([]));
}

#[tokio::test]
async fn a_reload_and_its_failure_are_told_and_a_silent_store_leaves_the_own_word() {
    // F-24
    let house = campus().await;
    let own = presence(&house, "idp-1", house.app.clone(), &house.app.ports.keys);
    assert_eq!(versions(&house, &own).await["node"]["last_reload"], Value::Null);
    house.app.was_reloaded(false);
    let node = &versions(&house, &own).await["node"];
    assert_eq!(node["last_reload"]["result"], "failed");
    let page = told(&house, &own, "/metrics").await;
    assert!(page.contains("\nconfig_reload_failed 1\n"));
    assert!(page.contains("\nconfig_reload_total{result=\"failed\"} 1\n"));
    house.app.was_reloaded(true);
    assert!(
        told(&house, &own, "/metrics")
            .await
            .contains("\nconfig_reload_failed 0\n")
    );

    house
        .store
        .announce("idp-9", b"no words of ours \xff")
        .await
        .unwrap();
    let all = versions(&house, &own).await;
    assert_eq!(
        all["nodes"][1]["name"], "idp-9",
        "what is not understood is there all the same"
    );
    assert_eq!(all["differ"][0], "version");
    house.store.down.store(true, Ordering::SeqCst);
    let alone = versions(&house, &own).await;
    assert_eq!(
        (alone["store"].as_bool(), alone["nodes"].as_array().unwrap().len()),
        (Some(false), 1)
    );
}
