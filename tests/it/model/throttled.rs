//! Passwords that are tried while answers get lost and strangers guess: what is told of them, and who gets
//! in all the same.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use mereau::base::clock::Timestamp;
use mereau::flows::FlowError;
use mereau::guard::KnownDevice;
use mereau::tickets::{DeviceEpoch, Marks};
use proptest::prelude::*;

use super::course::{Course, Did, Faults, Running, Went, faults, go};
use super::directory::Kind;
use super::stories;
use super::visits::{Came, Typed};
use super::world::{PEOPLE, World};

const CASES: u32 = 400;

/// Failures that cost nothing.
const FREE: usize = 5;

/// A try that was never settled counts as under way so long.
const LEASE: Duration = Duration::from_secs(10);

const SECRETS: [[u8; 16]; 2] = [[1; 16], [2; 16]];

#[derive(Debug, Clone)]
enum Step {
    Try {
        who: usize,
        right: bool,
        device: Option<usize>,
        faults: Faults,
    },
    /// A stranger guesses, one guess after the other.
    Guess {
        who: usize,
        times: usize,
    },
    /// Every session of an account ends, and its devices are strangers again.
    SignOutEverywhere {
        who: usize,
    },
    GoOn {
        which: usize,
    },
    Crash {
        which: usize,
    },
    FailOver {
        calls: usize,
    },
    Pass {
        seconds: u64,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let device = prop::option::weighted(0.7, 0..SECRETS.len());
    let tries = (0_usize..2, prop::bool::weighted(0.75), device, faults());
    prop_oneof![
        8 => tries.prop_map(|(who, right, device, faults)| Step::Try { who, right, device, faults }),
        4 => (0_usize..2, prop_oneof![1_usize..6, 6_usize..10]).prop_map(|(who, times)| Step::Guess { who, times }),
        1 => (0_usize..2).prop_map(|who| Step::SignOutEverywhere { who }),
        2 => (0_usize..3).prop_map(|which| Step::GoOn { which }),
        1 => (0_usize..3).prop_map(|which| Step::Crash { which }),
        2 => (1_usize..16).prop_map(|calls| Step::FailOver { calls }),
        2 => prop_oneof![Just(1_u64), Just(5), Just(11), Just(1000), Just(3700)]
            .prop_map(|seconds| Step::Pass { seconds }),
    ]
}

/// The directory's own lock, or none, and what happens.
fn story() -> impl Strategy<Value = (Option<u32>, Vec<Step>)> {
    let lock = prop_oneof![Just(None), Just(Some(10))];
    (lock, prop::collection::vec(step(), 1..32))
}

/// A try, and what it came to.
struct Tried {
    who: usize,
    right: bool,
    device: Option<usize>,
    came: Result<Came, FlowError>,
}

#[derive(Default)]
struct Device {
    /// By person, as the cookie has it.
    epochs: [Option<DeviceEpoch>; 2],
    /// Failures of its own since it last signed somebody in, by person.
    failures: [usize; 2],
}

struct Told {
    world: Arc<World>,
    devices: [Device; 2],
    still: Vec<Running<Tried>>,
    /// Tries of each person that may count as failed: those refused by the directory, and those never
    /// settled.
    counted: [usize; 2],
    /// Until then some try may count as under way.
    disturbed: Timestamp,
}

/// Whether a try may count as failed.
fn counts(did: &Did) -> bool {
    let made = |call: &str| did.calls.iter().filter(|(known, _)| *known == call).count();
    did.refused > 0 || made("reserve") > made("settle")
}

fn stranger() -> IpAddr {
    IpAddr::from([198, 51, 100, 9])
}

impl Told {
    async fn tries(
        &mut self,
        (who, right): (usize, bool),
        device: Option<usize>,
        faults: &Faults,
    ) -> Result<(), String> {
        let must = self.must_get_in((who, right), device).await;
        let epoch = device.and_then(|device| self.devices[device].epochs[who]);
        let world = self.world.clone();
        let work = async move {
            let known = device.zip(epoch).map(|(device, epoch)| KnownDevice {
                secret: &SECRETS[device],
                epoch,
            });
            let typed = Typed {
                who,
                password: if right { PEOPLE[who].1 } else { "not the one" },
                service: None,
                address: stranger(),
                device: known,
                node: 0,
            };
            let came = world.sign_in(&typed).await;
            Tried {
                who,
                right,
                device,
                came,
            }
        };
        let went = go(Course::of(faults), work).await;
        if let Went::Done(tried, course) = &went
            && must
            && course.is_smooth()
            && !matches!(tried.came, Ok(Came::In { .. }))
        {
            let how = told(&tried.came);
            return Err(format!(
                "I8: {} with the right password on a known device: {how}",
                PEOPLE[who].0
            ));
        }
        self.went(went)
    }

    /// I8: whether this try has to succeed, whatever strangers did.
    async fn must_get_in(&self, (who, right): (usize, bool), device: Option<usize>) -> bool {
        let Some(device) = device.map(|device| &self.devices[device]) else {
            return false;
        };
        let marks = self.world.store.now().of(&self.world.account(who)).await.unwrap();
        let known = device.epochs[who].is_some() && marks.devices == device.epochs[who];
        let locked = self.world.directory.is_locked(&self.world.people[who].key);
        let calm = self.still.is_empty() && self.world.clock_now() >= self.disturbed;
        right && known && device.failures[who] == 0 && !locked && calm
    }

    fn went(&mut self, went: Went<Tried>) -> Result<(), String> {
        let (tried, course) = match went {
            Went::Stopped(running) => {
                self.still.push(running);
                return Ok(());
            }
            Went::Done(tried, course) => (tried, course),
        };
        let did = course.did();
        if !course.is_smooth() {
            self.disturbed = self.world.clock_now().plus(LEASE);
        }
        let Tried {
            who,
            right,
            device,
            came,
        } = tried;
        // Those that stand still may have been counted.
        let before = self.counted[who]
            + self
                .still
                .iter()
                .filter(|still| counts(&still.course.did()))
                .count();
        self.counted[who] += usize::from(counts(&did));
        let known = device.filter(|device| self.devices[*device].epochs[who].is_some());
        match came {
            Ok(Came::In { devices, .. }) => {
                if did.accepted.is_empty() {
                    return Err("I4: signed in without a right password".to_owned());
                }
                if let Some(device) = device {
                    self.devices[device].epochs[who] = Some(devices);
                    self.devices[device].failures[who] = 0;
                }
                Ok(())
            }
            Ok(Came::Wrong) if did.refused == 0 => {
                Err("I7: a password is called wrong that the directory did not refuse".to_owned())
            }
            Ok(Came::Wrong) if right && !self.world.directory.is_locked(&self.world.people[who].key) => {
                Err("I7: the right password is called wrong".to_owned())
            }
            Ok(Came::Throttled) if before < FREE + 1 => {
                Err(format!("I7: told to wait after {before} tries that could count"))
            }
            Ok(Came::Otherwise(what)) => Err(what),
            Ok(Came::Wrong | Came::Throttled) | Err(_) => {
                if let Some(device) = known {
                    self.devices[device].failures[who] += 1;
                }
                Ok(())
            }
        }
    }

    async fn step(&mut self, step: &Step) -> Result<(), String> {
        match step {
            Step::Try {
                who,
                right,
                device,
                faults,
            } => self.tries((*who, *right), *device, faults).await?,
            Step::Guess { who, times } => {
                for _ in 0..*times {
                    self.tries((*who, false), None, &Vec::new()).await?;
                }
            }
            Step::SignOutEverywhere { who } => self.world.sign_out_everywhere(0, *who).await.unwrap(),
            Step::GoOn { which } if *which < self.still.len() => {
                let went = self.still.remove(*which).resume().await;
                self.went(went)?;
            }
            Step::Crash { which } if *which < self.still.len() => {
                self.still.remove(*which).crash().await;
                self.disturbed = self.world.clock_now().plus(LEASE);
                self.counted.iter_mut().for_each(|counted| *counted += 1);
            }
            Step::FailOver { calls } => {
                self.world.store.fail_over(*calls);
                // Tries that were settled may be under way again.
                self.disturbed = self.world.clock_now().plus(LEASE);
                self.counted
                    .iter_mut()
                    .for_each(|counted| *counted += calls.div_ceil(2));
            }
            Step::Pass { seconds } => self.world.clock.advance(Duration::from_secs(*seconds)),
            Step::GoOn { .. } | Step::Crash { .. } => {}
        }
        Ok(())
    }
}

fn told(came: &Result<Came, FlowError>) -> String {
    match came {
        Ok(Came::In { .. }) => "in".to_owned(),
        Ok(Came::Wrong) => "wrong".to_owned(),
        Ok(Came::Throttled) => "told to wait".to_owned(),
        Ok(Came::Otherwise(what)) => what.clone(),
        Err(error) => error.to_string(),
    }
}

async fn tell((lock, steps): (Option<u32>, Vec<Step>)) -> Result<(), String> {
    let world = World::new(Kind::OneModify, lock).await;
    let mut told = Told {
        disturbed: world.clock_now(),
        world,
        devices: Default::default(),
        still: Vec::new(),
        counted: [0, 0],
    };
    // A device that the first person is known by.
    told.tries((0, true), Some(0), &Vec::new()).await?;
    for step in &steps {
        told.step(step).await?;
    }
    Ok(())
}

#[test]
fn what_is_not_heard_is_no_wrong_password_and_strangers_keep_nobody_from_a_known_device() {
    // I-4, I-7, I-8
    stories(CASES, "proptest-regressions/it/throttled.txt", story(), tell);
}

#[tokio::test]
async fn where_the_directory_locks_strangers_keep_nobody_from_a_known_device_either() {
    // I-8
    let guessed = Step::Guess { who: 0, times: 9 };
    let comes = Step::Try {
        who: 0,
        right: true,
        device: Some(0),
        faults: Vec::new(),
    };
    for lock in [None, Some(10)] {
        let steps = vec![guessed.clone(), comes.clone(), guessed.clone(), comes.clone()];
        assert_eq!(tell((lock, steps)).await, Ok(()), "{lock:?}");
    }
}
