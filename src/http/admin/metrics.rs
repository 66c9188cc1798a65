//! `/metrics`: what was counted, and what stands now with directories, in the store and in the process.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::body::Body;
use http::{Response, StatusCode};

use super::{PATIENCE, Told};
use crate::base::clock::Timestamp;
use crate::confine;
use crate::directory::{PoolReport, guard_drops};
use crate::flows::Catalogue;
use crate::guard::captcha;
use crate::http::answer::text;
use crate::http::server;
use crate::jobs::presence::differences;
use crate::metrics::family as of;
use crate::metrics::{CONTENT_TYPE, Exposition, MOST_LABELS, panics, process};
use crate::tickets::{Lane, StoreError};

/// Letters that are looked at for the oldest: those that are due first.
const LETTERS: usize = 64;

pub(super) async fn page(told: &Told) -> Response<Body> {
    let app = &told.app;
    let mut page = app.ports.metrics.exposition();
    let crowded = directories(told, &app.catalogue(), &mut page);
    node(told, crowded, &mut page);
    let asked = tokio::time::timeout(PATIENCE, stored(told, &mut page)).await;
    let up = matches!(asked, Ok(Ok(())));
    page.gauge(&of::STORE_UP, &[], number(up));
    process(&mut page, told.started);
    text(StatusCode::OK, CONTENT_TYPE, page.text())
}

fn number(is: bool) -> f64 {
    if is { 1.0 } else { 0.0 }
}

/// What lies in the store, the same on every node that shares it.
async fn stored(told: &Told, page: &mut Exposition) -> Result<(), StoreError> {
    let app = &told.app;
    let queue = &app.ports.recovery.requests;
    for (family, lane) in [
        (&of::SLO_WAITING, Lane::Logouts),
        (&of::SLO_DEAD, Lane::DeadLogouts),
        (&of::MAIL_WAITING, Lane::Letters),
    ] {
        page.gauge(family, &[], queue.depth(lane).await? as f64);
    }
    let lag = queue.lag(Lane::Logouts).await?;
    page.gauge(&of::SLO_LAG, &[], lag.as_secs_f64());
    let letters = queue.list(Lane::Letters, LETTERS).await?;
    let oldest = letters.iter().map(|letter| letter.pushed_at).min();
    let age = oldest.map_or(Duration::ZERO, |oldest| app.ports.clock.now().since(oldest));
    page.gauge(&of::MAIL_AGE, &[], age.as_secs_f64());
    if let Some(presence) = &told.presence {
        let nodes = presence.all().await?;
        page.gauge(&of::NODES, &[], nodes.len() as f64);
        let differ = differences(&nodes).map(|(what, differ)| ([what], number(differ)));
        page.samples(&of::NODES_DIFFER, differ);
    }
    Ok(())
}

/// Realms' directories and their servers; answers how many operations their servers had no room for.
fn directories(told: &Told, catalogue: &Catalogue, page: &mut Exposition) -> u64 {
    let mut realms: Vec<_> = catalogue.directories.iter().collect();
    realms.sort_unstable_by_key(|(realm, _)| realm.as_str());
    let (mut up, mut writable) = (BTreeMap::new(), BTreeMap::new());
    let mut servers: BTreeMap<[String; 2], f64> = BTreeMap::new();
    let mut pools: BTreeMap<[String; 2], PoolReport> = BTreeMap::new();
    let mut certificates: BTreeMap<[String; 1], Timestamp> = BTreeMap::new();
    for (place, (realm, directory)) in realms.into_iter().enumerate() {
        let tenant = if place < MOST_LABELS {
            realm.as_str()
        } else {
            "other"
        };
        let outage = directory.outage();
        worst(&mut up, [tenant], outage.reading.is_none());
        if directory.writable() {
            worst(&mut writable, [tenant], outage.writing.is_none());
        }
        for report in directory.servers() {
            let key = [tenant.to_owned(), report.server.clone()];
            worst(&mut servers, key, report.up);
            if let Some(until) = report.certificate_until {
                certificates.insert([report.server.clone()], until);
            }
            for pool in report.pools {
                let key = [report.server.clone(), pool.kind.to_owned()];
                pools.entry(key).and_modify(|sum| add(sum, pool)).or_insert(pool);
            }
        }
    }
    page.samples(&of::DIRECTORY_UP, up);
    page.samples(&of::DIRECTORY_WRITABLE, writable);
    page.samples(&of::SERVER_UP, servers);
    for (family, value) in [
        (
            &of::POOL_SIZE,
            (|pool| pool.size as f64) as fn(&PoolReport) -> f64,
        ),
        (&of::POOL_BUSY, |pool| pool.busy as f64),
        (&of::POOL_WAITING, |pool| pool.waiting as f64),
        (&of::POOL_CROWDED, |pool| pool.crowded as f64),
    ] {
        page.samples(family, pools.iter().map(|(key, pool)| (key, value(pool))));
    }
    if let Some(until) = told.certificates.as_ref().and_then(|own| own.until()) {
        certificates.insert(["server".to_owned()], until);
    }
    page.gauge(&of::GUARD_DROPS, &[], guard_drops() as f64);
    page.samples(
        &of::CERT_EXPIRY,
        certificates.iter().map(|(key, until)| (key, until.seconds())),
    );
    pools.values().map(|pool| pool.crowded).sum()
}

/// Of several under one name, the worst.
fn worst<K: Ord>(all: &mut BTreeMap<K, f64>, key: K, is: bool) {
    let entry = all.entry(key).or_insert(1.0);
    *entry = entry.min(number(is));
}

fn add(sum: &mut PoolReport, pool: PoolReport) {
    sum.size += pool.size;
    sum.busy += pool.busy;
    sum.waiting += pool.waiting;
    sum.crowded += pool.crowded;
}

/// What concerns this process alone.
fn node(told: &Told, crowded: u64, page: &mut Exposition) {
    let ports = &told.app.ports;
    page.gauge(&of::READY, &[], number(told.readiness.state().ready));
    let spraying = ports.guard.spraying();
    page.gauge(&of::SPRAY_NETWORKS, &[], spraying as f64);
    let [idle, connection] = server::shed();
    let requests = ports
        .metrics
        .traffic
        .turned_away()
        .map(|(kind, times)| ([kind], times));
    let shed = [
        (["idle"], idle),
        (["connection"], connection),
        (["realm"], ports.rooms.turned_away()),
        (["directory"], crowded),
        (["store"], ports.metrics.store.crowded()),
        (["passwords"], ports.heavy.crowded()),
        (["captcha"], captcha::turned_away()),
    ];
    let shed = shed.into_iter().chain(requests);
    page.samples(&of::SHED, shed.map(|(what, times)| (what, times as f64)));
    let held = confine::held().map(|(what, is)| ([what], number(is)));
    page.samples(&of::CONFINED, held);
    page.gauge(&of::CONFINED_REFUSED, &[], confine::refused() as f64);
    if let Some(lost) = ports.audit.lost() {
        page.gauge(&of::AUDIT_LOST, &[], lost as f64);
    }
    if let Some(waiting) = ports.audit.waiting() {
        page.gauge(&of::AUDIT_WAITING, &[], waiting as f64);
    }
    page.gauge(&of::PANICS, &[], panics() as f64);
}
