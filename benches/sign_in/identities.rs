//! CAS-340 in full: a thousand people sign in a hundred times each, all at once, and every validation
//! must tell who came and nobody else. It finds out, and measures nothing but how long that took:
//! `cargo bench --bench sign_in -- --identities`, with another number of rounds after it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};

use super::client::Address;
use super::journeys::{APPLICATION, Door, enter, sign_in, validate};
use super::people::Person;
use super::process::Place;
use super::stand::Stand;

pub const ARGUMENT: &str = "--identities";

const PEOPLE: usize = 1000;
const ROUNDS: usize = 100;
const AT_ONCE: usize = 32;
const LONGEST: Duration = Duration::from_secs(60 * 60);

/// Runs the count; what it found, as a sentence.
pub async fn run(arguments: &[String]) -> anyhow::Result<String> {
    let after = arguments
        .iter()
        .skip_while(|argument| *argument != ARGUMENT)
        .nth(1);
    let rounds = after.and_then(|number| number.parse().ok()).unwrap_or(ROUNDS);
    let stand = Stand::start(PEOPLE)?;
    let served = stand.serve(false, Place::Anywhere).await?;
    let began = Instant::now();
    let lanes = (0..AT_ONCE).map(|number| {
        let (address, people) = (served.address.clone(), stand.people.clone());
        tokio::spawn(lane(address, people, number, rounds))
    });
    let lanes: Vec<_> = lanes.collect();
    let all = async {
        let mut came = 0;
        for lane in lanes {
            came += lane.await??;
        }
        anyhow::Ok(came)
    };
    let came = tokio::time::timeout(LONGEST, all)
        .await
        .context("it took too long")??;
    ensure!(came == PEOPLE * rounds, "{came} sign-ins of {}", PEOPLE * rounds);
    Ok(format!(
        "{PEOPLE} people x {rounds} sign-ins, {AT_ONCE} at once, each with two validations: \
         {came} sign-ins, nobody taken for another; {:.0} s",
        began.elapsed().as_secs_f64()
    ))
}

/// Every `AT_ONCE`th person, round after round; in each round beside other neighbours.
async fn lane(
    address: Address,
    people: Arc<[Person]>,
    number: usize,
    rounds: usize,
) -> anyhow::Result<usize> {
    let mut door = Door::new(address, true);
    let mut came = 0;
    for round in 0..rounds {
        for at in (number..people.len()).step_by(AT_ONCE) {
            let person = &people[(at + round * 7) % people.len()];
            let session = sign_in(&mut door, person, APPLICATION).await?;
            let service = format!("{APPLICATION}{round}/{at}");
            let (ticket, _) = enter(door.browser().await?, &session, &service).await?;
            let answer = validate(door.application().await?, &ticket).await?;
            let mail = format!("<cas:mail>{}@campus.example</cas:mail>", person.login);
            ensure!(
                answer.text().contains(&mail),
                "{}: {}",
                person.login,
                answer.text()
            );
            let named = answer.text().matches("person0").count();
            ensure!(named == 3, "{} and nobody else: {}", person.login, answer.text());
            came += 1;
        }
    }
    Ok(came)
}
