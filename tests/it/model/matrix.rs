//! The failure matrix of reliability §4.4: a process dies after each of eight steps of choosing a
//! password, its store keeps or loses what it acknowledged, its directory writes, does not, or does
//! nobody knows what.

use std::time::Duration;

use mereau::flows::recovery::{Chosen, Refusal};
use mereau::tickets::ResetToken;

use super::course::{At, Course, Fault, Went, go};
use super::directory::Kind;
use super::passwords::judge_writes;
use super::world::{PEOPLE, World};

const FIRST: &str = "quatre chevaux dans la brume";
const SECOND: &str = "une seconde phrase bien longue";
const THIRD: &str = "une troisième phrase bien longue";

/// Where the process dies: the eight steps, each by what shows that it is over.
const STEPS: [(&str, At, Fault); 8] = [
    ("local policy", At::First("claim"), Fault::StopBefore),
    ("claim", At::First("claim"), Fault::StopAfter),
    ("entry read again", At::First("read for write"), Fault::StopAfter),
    ("Modify", At::First("modify"), Fault::StopAfter),
    ("spend", At::First("spend"), Fault::StopAfter),
    ("pin", At::First("pin"), Fault::StopAfter),
    ("sessions ended", At::First("end all"), Fault::StopAfter),
    ("letters", At::First("letter"), Fault::StopAfter),
];

/// What a failover loses of what this request had acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Loses {
    Nothing,
    Last,
    /// Back to before its first call.
    All,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Modify {
    Applied,
    NotApplied,
    /// It is written, nobody hears of it, and nobody can be asked.
    UnknownWritten,
    /// It is written when the person has tried again.
    UnknownLate,
}

/// The second reading is the question what became of the write.
const SETTLING: At = At::Again("read for write");

impl Modify {
    fn faults(self) -> Vec<(At, Fault)> {
        let write = |fault| (At::First("modify"), fault);
        match self {
            Modify::Applied => Vec::new(),
            Modify::NotApplied => vec![write(Fault::Unsent)],
            Modify::UnknownWritten => vec![write(Fault::Unheard), (SETTLING, Fault::Unsent)],
            Modify::UnknownLate => vec![write(Fault::Late), (SETTLING, Fault::Unsent)],
        }
    }
}

struct Case {
    kind: Kind,
    step: usize,
    loses: Loses,
    modify: Modify,
}

async fn try_with(
    world: &std::sync::Arc<World>,
    right: &ResetToken,
    new: &str,
    faults: &[(At, Fault)],
) -> Went<Option<Chosen>> {
    let mut course = Course::of(faults);
    course.right = Some(right.log_name());
    let (world, right, new) = (world.clone(), right.clone(), new.to_owned());
    go(course, async move { world.choose(&right, &new).await.ok() }).await
}

#[allow(clippy::too_many_lines, reason = "the steps of a reset, one after the other")]
async fn story(case: &Case) -> Result<(), String> {
    let world = World::new(case.kind, None).await;
    world.request(0).await.unwrap();
    world.request(0).await.unwrap();
    let links = world.letters();
    let [(_, older), (_, right)] = links.as_slice() else {
        panic!("{} links", links.len());
    };
    let (_, at, fault) = STEPS[case.step];
    let mut faults = case.modify.faults();
    // Where the write itself goes wrong, the process dies when it wants to know what became of it.
    match case.modify {
        Modify::NotApplied | Modify::UnknownWritten | Modify::UnknownLate if at == At::First("modify") => {
            faults.insert(0, (SETTLING, Fault::StopBefore));
        }
        _ => faults.insert(0, (at, fault)),
    }
    let first = try_with(&world, right, FIRST, &faults).await;
    let calls = match first {
        Went::Stopped(running) => {
            let calls = running.course.did().calls.len();
            running.crash().await;
            calls
        }
        Went::Done(_, course) => course.did().calls.len(),
    };
    match case.loses {
        Loses::Nothing => {}
        Loses::Last => world.store.fail_over(1),
        Loses::All => world.store.fail_over(calls),
    }
    let written = world.directory.written().len();
    world.clock.advance(Duration::from_secs(31));
    let second = try_with(&world, right, SECOND, &[]).await;
    let Went::Done(Some(second), _) = second else {
        return Err("the second try has no answer".to_owned());
    };
    if matches!(
        second,
        Chosen::Refused {
            why: Refusal::Busy { .. },
            ..
        }
    ) {
        return Err("I6: the claim of a dead process holds".to_owned());
    }
    let landed = world.directory.land();
    let third = try_with(&world, older, THIRD, &[]).await;
    let Went::Done(Some(third), _) = third else {
        return Err("the older right has no answer".to_owned());
    };
    judge_writes(&world)?;
    let in_force = world.directory.password_of(&world.people[0].key);
    let saved = matches!(second, Chosen::Saved { .. });
    let expected = match (written, saved) {
        (0, true) => SECOND,
        // Its fence had moved, so that nothing held it up (see docs/schema.md).
        (0, false) if landed => FIRST,
        (0, false) if matches!(third, Chosen::Saved { .. }) => THIRD,
        (0, false) => PEOPLE[0].1,
        (_, _) => FIRST,
    };
    if in_force != expected {
        return Err(format!("{in_force:?} is in force and not {expected:?}"));
    }
    Ok(())
}

#[tokio::test]
async fn whatever_step_is_the_last_one_a_right_writes_once_older_ones_never_again_and_no_claim_stays() {
    // I-1, I-2, I-6
    let mut cases = 0;
    for kind in [Kind::OneModify, Kind::FenceFirst] {
        for (step, (name, ..)) in STEPS.iter().enumerate() {
            for loses in [Loses::Nothing, Loses::Last, Loses::All] {
                for modify in [
                    Modify::Applied,
                    Modify::NotApplied,
                    Modify::UnknownWritten,
                    Modify::UnknownLate,
                ] {
                    let case = Case {
                        kind,
                        step,
                        loses,
                        modify,
                    };
                    let told = story(&case).await;
                    assert_eq!(
                        told,
                        Ok(()),
                        "{kind:?}, dies after {name}, loses {loses:?}, {modify:?}"
                    );
                    cases += 1;
                }
            }
        }
    }
    assert_eq!(cases, 2 * 8 * 3 * 4);
}
