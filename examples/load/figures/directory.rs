//! How much of what the directory can do reaches the people: sign-ins in a second beside the bare search
//! and bind in a second, where the directory is the narrow place.

use super::Found;
use super::costs::{Cost, raw_ldap, sign_ins};
use super::report::{Figure, Target};
use super::stand::{self, Stand};

pub async fn measure(quick: bool) -> anyhow::Result<Found> {
    let (accounts, turns, rounds) = if quick { (20, 60, 1) } else { (200, 800, 3) };
    let slow = Stand::with(stand::slow_directory, accounts, 1);
    slow.give_the_directory_a_core()?;
    let (mut raw, mut ours) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        raw.push(raw_ldap(&slow, turns).await?);
        ours.push(sign_ins(&slow, turns).await?.0);
    }
    let [raw, ours] = [raw, ours].map(median);
    let figures = vec![
        Figure::new(
            "sign-ins, argon2, the directory on a core of its own",
            "/s",
            ours.rate,
        )
        .beside(raw.rate)
        .reaching(Target::OfCeiling(90.0)),
        Figure::new("  slapd CPU per sign-in", "ms", ours.slapd / 1e3)
            .beside(raw.slapd / 1e3)
            .reaching(Target::OfCeiling(90.0)),
    ];
    Ok(Found {
        figures,
        notes: vec![
            "ceiling: one search and one bind on kept connections, 8 at a time, the same slapd on the same core; \
             sign-in: page, form and validation of 8 people at a time, everything but slapd on the other core"
                .to_owned(),
        ],
        ..Found::default()
    })
}

/// The round with the rate in the middle.
fn median(mut costs: Vec<Cost>) -> Cost {
    costs.sort_by(|one, other| one.rate.total_cmp(&other.rate));
    costs[costs.len() / 2]
}
