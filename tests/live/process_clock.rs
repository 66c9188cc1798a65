//! One of two nodes has a clock that is wrong by an hour, and jumps: sessions and tickets live by the store's,
//! nothing runs out early, and the operator is told.

use std::fs;
use std::path::{Path, PathBuf};

use crate::monitoring::{admin, asked, value};
use crate::support::application::Application;
use crate::support::browser::{Browser, Page};
use crate::support::child::folder;
use crate::support::ports;
use crate::support::redis::Redis;
use crate::support::served::{Options, Served, service};
use crate::support::slapd::{self, Slapd};
use crate::support::wait;

/// Replaces what programs ask for the time of day, and leaves the monotonic clock alone.
const LIBRARY: &str = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";

struct Clock(PathBuf);

impl Clock {
    fn shift(&self, by: &str) {
        let beside = self.0.with_extension("new");
        fs::write(&beside, by).expect("the offset");
        fs::rename(&beside, &self.0).expect("the offset");
    }
}

fn library() -> String {
    let arm = LIBRARY.replace("x86_64", "aarch64");
    let found = [LIBRARY, &arm].into_iter().find(|path| Path::new(path).exists());
    found.expect("libfaketime").to_owned()
}

async fn enters(browser: &mut Browser, node: &Served, start: &str) -> Page {
    browser.get(&node.address("/login", &[("service", start)])).await
}

async fn validated(node: &Served, start: &str, ticket: &str) -> bool {
    let url = node.address("/p3/serviceValidate", &[("service", start), ("ticket", ticket)]);
    let body = Browser::new(None).get(&url).await.reply.body;
    body.contains("<cas:user>camille.dupont</cas:user>")
}

/// Opens the page of one node and sends it to another.
async fn signs_in(page_of: &Served, at: &Served, start: &str) -> Page {
    let mut browser = Browser::new(None);
    let mut page = enters(&mut browser, page_of, start).await;
    let port = Some(at.port());
    page.url.set_port(port).expect("a port");
    let form = page.reply.form().with("username", "camille.dupont");
    browser
        .submit(&page, &form.with("password", "camille-corbeau-7"))
        .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[allow(clippy::too_many_lines, reason = "one story, step by step")]
async fn a_node_whose_clock_is_an_hour_off_or_jumps_serves_like_the_others_and_says_so() {
    // F-25
    let (slapd, redis) = (
        Slapd::start(&slapd::Options::default()),
        Redis::start(&["--appendonly", "yes"]),
    );
    let application = Application::plain();
    let start = format!("{}/start", application.url());
    let services = [("application", service(&application.url(), ""))];
    let (tickets, right, wrong) = (redis.url(), ports::free(), ports::free());
    let clock = Clock(folder("clock").join("offset"));
    clock.shift("+3600");
    // A server that confines itself reads its own folders only: the clock's is made one of them.
    let audit = clock.0.with_file_name("audit.jsonl");
    let there = format!("[audit]\nfile = \"{}\"\n{}", audit.display(), admin(wrong));
    let here = admin(right);
    let library = format!("LD_PRELOAD={}", library());
    let file = format!("FAKETIME_TIMESTAMP_FILE={}", clock.0.display());
    let by = [
        "env",
        &library,
        &file,
        "FAKETIME_NO_CACHE=1",
        "FAKETIME_DONT_FAKE_MONOTONIC=1",
    ];
    let options = |sections, by| Options {
        services: &services,
        sections,
        by,
        ..Options::on(&slapd, &tickets)
    };
    let good = Served::start(&options(&here, &[]));
    let off = Served::beside(&good, &options(&there, &by));
    let skew = async |port| value(&asked(port, "/metrics").await.1, "clock_skew");
    wait::until_async("the alarm", || async {
        (skew(wrong).await? > 3500.0).then_some(())
    })
    .await;
    assert!(skew(right).await.is_none_or(|skew| skew < 2.0));
    assert!(
        off.output().contains("away from this machine"),
        "{}",
        off.output()
    );

    let offsets = ["+3600", "+3601", "-3600", "+0", "-3600"];
    // Sessions of before the jumps; few tickets each, since many in a row look like going in circles.
    let mut browsers = Vec::new();
    for _ in offsets {
        let mut browser = Browser::new(None);
        let page = browser.open(&good.address("/login", &[])).await;
        browser
            .sign_in(&page, "camille.dupont", "camille-corbeau-7")
            .await;
        browsers.push(browser);
    }
    for (offset, mut browser) in offsets.into_iter().zip(browsers) {
        clock.shift(offset);
        for (giver, taker) in [(&good, &off), (&off, &good), (&off, &off)] {
            let page = enters(&mut browser, giver, &start).await;
            let ticket = page.reply.ticket();
            assert!(validated(taker, &start, &ticket).await, "{offset}: {ticket}");
            assert!(
                !validated(giver, &start, &ticket).await,
                "{offset}: {ticket} twice"
            );
            let page = signs_in(giver, taker, &start).await;
            assert!(
                page.reply.location().contains("ticket="),
                "{offset}: {} {}",
                page.reply.status,
                page.reply.body
            );
        }
    }
}
