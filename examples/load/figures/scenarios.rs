//! A portal with proxy tickets, and forgotten passwords: that everybody gets through, what a journey costs
//! over all parts, and how long its steps take.

use std::sync::Arc;

use super::Found;
use super::process::Meter;
use super::report::{Figure, Target};
use super::stand::{RECORDS, RESETS, Stand, nodes_of, options, services, site, writer};
use crate::engine::course::Aids;
use crate::engine::profile::Profile;
use crate::engine::record::{Seen, Verdict};
use crate::engine::run::Run;
use crate::engine::{plot, report};
use crate::outside::{Letters, own_callback};
use crate::support::served::{Options, service};

pub async fn measure(quick: bool) -> anyhow::Result<Found> {
    let (accounts, seconds) = if quick { (50, 3) } else { (2_000, 30) };
    let mut stand = Stand::start(accounts, 0);
    let letters = Letters::open(0).await;
    let (callback, lines) = own_callback().await?;
    let aids = Aids {
        mailbox: Some(Arc::clone(&letters.mailbox)),
        callback: Some(Arc::new(callback)),
    };
    let portal = service("https://portal.school.example", &lines);
    let [application] = services();
    let all = [application, ("portal", portal)];
    let realm = format!("{RECORDS}{}{RESETS}", writer(&stand.slapd));
    let mail = format!("[mail]\nurl = \"smtp+plain://127.0.0.1:{}\"\n", letters.port);
    let tickets = stand.redis.url();
    stand.nodes = nodes_of(
        &Options {
            realm: &realm,
            sections: &mail,
            ..options(&stand.slapd, &tickets, &all)
        },
        1,
    );
    let mut found = Found::default();
    for (name, rate) in [("portal", 10.0), ("reset", 3.0)] {
        let text = format!(
            "seed = 2026\nlasts = \"{seconds} s\"\n[[realms]]\nid = \"campus\"\npeople = {accounts}\n\
             [[crowds]]\nname = \"crowd\"\nrealm = \"campus\"\n\
             arrivals = {{ shape = \"poisson\", rate = {rate} }}\nmix = {{ {name} = 1 }}\n"
        );
        one(&stand, &aids, name, &Profile::parse(&text)?, &mut found).await?;
    }
    Ok(found)
}

async fn one(
    stand: &Stand,
    aids: &Aids,
    name: &'static str,
    profile: &Profile,
    found: &mut Found,
) -> anyhow::Result<()> {
    let run = Run {
        aids: aids.clone(),
        ..Run::new(
            profile,
            Arc::new(stand.state_with("https://portal.school.example/")),
        )
    };
    let meter = Meter::start([stand.id(), stand.slapd.id(), stand.redis.id()]);
    let seen = run.go(profile, site(&stand.nodes).await?).await?;
    let [own, slapd, redis] = meter.per_turn(seen.begun as usize);
    println!("{}", report::table(&seen));
    let [journey, failures, cost] = match name {
        "portal" => ["portal journey, p99", "  not got through", "  CPU of all parts"],
        _ => [
            "reset journey with its letter, p99",
            "  not got through",
            "  CPU of all parts",
        ],
    };
    found.figures.extend([
        Figure::new(journey, "ms", p99(&seen, name)),
        Figure::new(
            failures,
            "",
            (seen.begun - seen.of(name, Verdict::Done).count()) as f64,
        )
        .reaching(Target::AtMost(0.0)),
        Figure::new(cost, "ms", (own + slapd + redis) / 1e3),
    ]);
    found.notes.push(format!(
        "{name}: {} journeys; server {own:.0} µs, slapd {slapd:.0} µs, Redis {redis:.0} µs each",
        seen.begun
    ));
    found
        .plots
        .push((format!("{name}.svg"), plot::latency_curve(&seen)));
    Ok(())
}

fn p99(seen: &Seen, name: &str) -> f64 {
    seen.of(name, Verdict::Done).quantile(0.99)
}
