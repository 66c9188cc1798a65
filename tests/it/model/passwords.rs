//! New passwords by the rights that letters bring: whatever is lost, late, or stands still in between.

use std::sync::Arc;
use std::time::Duration;

use mereau::flows::FlowError;
use mereau::flows::recovery::{Chosen, Dead, Holding, Refusal, Via, open, revoke};
use mereau::tickets::{CLAIM_LEASE, Looked, ResetTickets, ResetToken};
use proptest::prelude::*;

use super::course::{Course, Faults, Running, Went, faults, go};
use super::directory::Kind;
use super::stories;
use super::world::{World, here};

const CASES: u32 = 96;

#[derive(Debug, Clone)]
enum Step {
    /// A link is asked for, and a worker works on the request.
    Request {
        who: usize,
        faults: Faults,
    },
    /// A link is opened.
    Open {
        link: usize,
    },
    /// The form of a link is sent with a new password.
    Choose {
        link: usize,
        refused: bool,
        faults: Faults,
    },
    /// What stands still goes on.
    GoOn {
        which: usize,
    },
    /// The process dies in which something stands still.
    Crash {
        which: usize,
    },
    /// “I did not ask for this”.
    CallOff {
        link: usize,
    },
    /// A password is changed at the directory.
    ChangeElsewhere {
        who: usize,
    },
    /// A write arrives that nobody waits for any more.
    Land,
    /// The store loses its last calls.
    FailOver {
        calls: usize,
    },
    Pass {
        seconds: u64,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let link = 0_usize..6;
    prop_oneof![
        2 => (0_usize..2, faults()).prop_map(|(who, faults)| Step::Request { who, faults }),
        1 => link.clone().prop_map(|link| Step::Open { link }),
        6 => (link.clone(), prop::bool::weighted(0.1), faults())
            .prop_map(|(link, refused, faults)| Step::Choose { link, refused, faults }),
        3 => (0_usize..3).prop_map(|which| Step::GoOn { which }),
        1 => (0_usize..3).prop_map(|which| Step::Crash { which }),
        1 => link.prop_map(|link| Step::CallOff { link }),
        1 => (0_usize..2).prop_map(|who| Step::ChangeElsewhere { who }),
        1 => Just(Step::Land),
        2 => (1_usize..24).prop_map(|calls| Step::FailOver { calls }),
        2 => prop_oneof![Just(1_u64), Just(31), Just(600), Just(90_000)].prop_map(|seconds| Step::Pass { seconds }),
    ]
}

fn story() -> impl Strategy<Value = (Kind, Vec<Step>)> {
    let kind = prop_oneof![Just(Kind::OneModify), Just(Kind::FenceFirst)];
    (kind, prop::collection::vec(step(), 1..24))
}

/// What a request comes to.
enum Came {
    Requested,
    Chose(String, Result<Chosen, FlowError>),
}

struct Told {
    world: Arc<World>,
    links: Vec<(usize, ResetToken)>,
    still: Vec<Running<Came>>,
    chosen: usize,
    /// The store has lost something.
    lost: bool,
}

impl Told {
    fn link(&self, number: usize) -> Option<(usize, ResetToken)> {
        let many = self.links.len().max(1);
        self.links.get(number % many).cloned()
    }

    fn running(&mut self, number: usize) -> Option<Running<Came>> {
        let many = self.still.len().max(1);
        (number < many && !self.still.is_empty()).then(|| self.still.remove(number))
    }

    async fn came(&mut self, went: Went<Came>) -> Result<(), String> {
        let (came, course) = match went {
            Went::Stopped(running) => {
                self.still.push(running);
                return Ok(());
            }
            Went::Done(came, course) => (came, course),
        };
        self.links.extend(self.world.letters());
        if let Came::Chose(new, chosen) = came {
            self.tells_the_truth(&new, &chosen)?;
            if matches!(chosen, Ok(Chosen::Saved { .. })) && course.is_smooth() && !self.lost {
                self.all_are_dead(course.right.as_deref()).await?;
            }
        }
        Ok(())
    }

    /// Who is told that a password is saved has it saved; who is told that nothing was done, has nothing.
    fn tells_the_truth(&self, new: &str, chosen: &Result<Chosen, FlowError>) -> Result<(), String> {
        let written = self
            .world
            .directory
            .written()
            .iter()
            .any(|write| write.password == new);
        let claim = match chosen {
            Ok(Chosen::Saved { .. }) => true,
            Ok(Chosen::Refused {
                why: Refusal::Unknown,
                ..
            })
            | Err(_) => return Ok(()),
            Ok(Chosen::Refused { .. } | Chosen::Dead(_)) => false,
        };
        if claim == written {
            return Ok(());
        }
        Err(format!(
            "told that {new:?} is saved: {claim}; it was written: {written}"
        ))
    }

    /// After an undisturbed success no link of the account opens anything (I2, as its person sees it).
    async fn all_are_dead(&self, right: Option<&str>) -> Result<(), String> {
        let owner = self
            .links
            .iter()
            .find(|(_, token)| Some(token.log_name().as_str()) == right);
        let Some((owner, _)) = owner else {
            return Ok(());
        };
        for (_, token) in self.links.iter().filter(|(who, _)| who == owner) {
            let looked = self.world.store.now().look(token).await.unwrap();
            if matches!(looked, Looked::Live(_) | Looked::Claimed) {
                return Err(format!("I2: {} is {looked:?} after a success", token.log_name()));
            }
        }
        Ok(())
    }

    async fn choose(&mut self, link: usize, refused: bool, faults: &Faults) -> Result<(), String> {
        let Some((_, token)) = self.link(link) else {
            return Ok(());
        };
        self.chosen += 1;
        let new = format!("quatre chevaux dans la brume {}", self.chosen);
        let mut course = Course::of(faults);
        course.refuses = refused;
        let went = self.send(token, new, course).await;
        self.came(went).await
    }

    /// Sends the form of a right with a new password.
    async fn send(&self, token: ResetToken, new: String, mut course: Course) -> Went<Came> {
        course.right = Some(token.log_name());
        let world = self.world.clone();
        let sending = async move {
            let chosen = world.choose(&token, &new).await;
            Came::Chose(new, chosen)
        };
        go(course, sending).await
    }

    async fn step(&mut self, step: &Step) -> Result<(), String> {
        match step {
            Step::Request { who, faults } => {
                let (world, who) = (self.world.clone(), *who);
                let went = go(Course::of(faults), async move {
                    // An error is one of those that were ordered.
                    let _ = world.request(who).await;
                    Came::Requested
                });
                let went = went.await;
                self.came(went).await?;
            }
            Step::Open { link } => {
                if let Some((_, token)) = self.link(*link) {
                    let text = token.text().unwrap();
                    open(&self.world.nodes[1], text, None, here()).await.unwrap();
                }
            }
            Step::Choose {
                link,
                refused,
                faults,
            } => self.choose(*link, *refused, faults).await?,
            Step::GoOn { which } => {
                if let Some(running) = self.running(*which) {
                    let went = running.resume().await;
                    self.came(went).await?;
                }
            }
            Step::Crash { which } => {
                if let Some(running) = self.running(*which) {
                    running.crash().await;
                }
            }
            Step::CallOff { link } => {
                if let Some((_, token)) = self.link(*link) {
                    let holding = Holding::of(&self.world.nodes[0], &token, Via::Link);
                    revoke(&self.world.nodes[0], &holding).await.unwrap();
                }
            }
            Step::ChangeElsewhere { who } => {
                let person = &self.world.people[*who].key;
                self.world.directory.change_elsewhere(person, "changé au guichet");
            }
            Step::Land => {
                self.world.directory.land();
            }
            Step::FailOver { calls } => {
                self.world.store.fail_over(*calls);
                self.lost = true;
            }
            Step::Pass { seconds } => self.world.clock.advance(Duration::from_secs(*seconds)),
        }
        self.links.extend(self.world.letters());
        judge_writes(&self.world)
    }

    /// Every process is gone; half a minute later every right answers (I6), and still writes at most once.
    async fn end(&mut self) -> Result<(), String> {
        for running in std::mem::take(&mut self.still) {
            running.crash().await;
        }
        self.world.clock.advance(CLAIM_LEASE);
        for (_, token) in self.links.clone() {
            let looked = self.world.store.now().look(&token).await.unwrap();
            if matches!(looked, Looked::Claimed) {
                return Err(format!("I6: {} is held for ever", token.log_name()));
            }
        }
        for number in 0..self.links.len() {
            let (_, token) = self.links[number].clone();
            self.chosen += 1;
            let new = format!("une autre phrase bien longue {}", self.chosen);
            let went = self.send(token, new, Course::default()).await;
            if let Went::Done(
                Came::Chose(
                    _,
                    Ok(
                        Chosen::Refused {
                            why: Refusal::Busy { .. },
                            ..
                        }
                        | Chosen::Dead(Dead::Busy),
                    ),
                ),
                _,
            ) = &went
            {
                return Err("I6: a right is in use though nobody uses it".to_owned());
            }
            self.came(went).await?;
        }
        self.world.directory.land();
        judge_writes(&self.world)
    }
}

/// I1: a right writes once at most. I2: what was older than a write writes nothing after it, unless that write
/// came between a fence and the password behind it, which takes no condition.
pub fn judge_writes(world: &World) -> Result<(), String> {
    let written = world.directory.written();
    for (number, write) in written.iter().enumerate() {
        let Some((right, minted)) = &write.by else {
            continue;
        };
        for (place, earlier) in written[..number]
            .iter()
            .enumerate()
            .filter(|(_, earlier)| earlier.person == write.person)
        {
            if earlier.by.as_ref().is_some_and(|(other, _)| other == right) {
                return Err(format!("I1: {right} wrote {earlier:?} and {write:?}"));
            }
            if *minted < earlier.at && place < write.knew {
                return Err(format!(
                    "I2: {right} of {minted} wrote {write:?} after {earlier:?}"
                ));
            }
        }
    }
    Ok(())
}

async fn tell((kind, steps): (Kind, Vec<Step>)) -> Result<(), String> {
    let world = World::new(kind, None).await;
    world.request(0).await.unwrap();
    let mut told = Told {
        links: world.letters(),
        world,
        still: Vec::new(),
        chosen: 0,
        lost: false,
    };
    for step in &steps {
        told.step(step).await?;
    }
    told.end().await
}

#[test]
fn a_right_writes_one_password_at_most_and_none_after_another_write_and_none_is_held_for_ever() {
    // I-1, I-2, I-6
    stories(CASES, "proptest-regressions/it/passwords.txt", story(), tell);
}

#[tokio::test]
async fn a_used_link_stays_dead_when_the_store_forgets_it_and_its_request_is_worked_on_again() {
    // I-1
    for calls in (1..=40).step_by(3) {
        let steps = [
            Step::Choose {
                link: 0,
                refused: false,
                faults: Vec::new(),
            },
            Step::FailOver { calls },
            Step::Pass { seconds: 600 },
            Step::Request {
                who: 1,
                faults: Vec::new(),
            },
        ];
        let told = tell((Kind::OneModify, steps.into())).await;
        assert_eq!(told, Ok(()), "{calls} calls are lost");
    }
}
