//! The course of one request: at which of its calls to the store or the directory something goes wrong,
//! and what it did, for those who judge. A request is a task; what it calls finds its course by it.

use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use mereau::base::names::PersonKey;
use proptest::prelude::*;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

tokio::task_local! {
    static COURSE: Arc<Course>;
}

/// What goes wrong at a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It never arrives; the caller hears of a time-out.
    Unsent,
    /// It is done; the caller hears of a time-out.
    Unheard,
    /// A write to the directory that is done some time after the caller heard of a time-out; any other call
    /// is [`Fault::Unsent`].
    Late,
    /// The process stands still before the call.
    StopBefore,
    /// The process stands still after it.
    StopAfter,
}

/// Which call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// By its place in the request.
    Nth(usize),
    /// The first of this name.
    First(&'static str),
    /// Every later one of this name.
    Again(&'static str),
    /// Every one from this place on.
    From(usize),
}

/// What goes wrong in a request, and at which of its calls.
pub type Faults = Vec<(At, Fault)>;

/// What a request did.
#[derive(Debug, Default, Clone)]
pub struct Did {
    /// People whose password the directory accepted.
    pub accepted: Vec<PersonKey>,
    /// Times that the directory said a password is wrong, or an account locked, or a login nobody's.
    pub refused: usize,
    /// Calls to the store that were carried out, with their places in its history.
    pub calls: Vec<(&'static str, u64)>,
}

impl Did {
    /// When a call of this name was last carried out.
    pub fn last(&self, call: &str) -> Option<u64> {
        let calls = self.calls.iter().rev();
        calls
            .filter(|(known, _)| *known == call)
            .map(|(_, at)| *at)
            .next()
    }
}

#[derive(Default)]
pub struct Course {
    pub faults: Faults,
    /// The directory finds the new password no good.
    pub refuses: bool,
    /// The right by which a password is chosen, as the log names it.
    pub right: Option<String>,
    calls: Mutex<Vec<&'static str>>,
    met: AtomicUsize,
    did: Mutex<Did>,
    stopped: Notify,
    go_on: Notify,
}

impl Course {
    pub fn of(faults: &[(At, Fault)]) -> Course {
        Course {
            faults: faults.to_vec(),
            ..Course::default()
        }
    }

    pub fn did(&self) -> Did {
        self.did.lock().unwrap().clone()
    }

    /// Nothing went wrong so far.
    pub fn is_smooth(&self) -> bool {
        self.met.load(Ordering::SeqCst) == 0
    }

    fn next(&self, call: &'static str) -> Option<Fault> {
        let mut calls = self.calls.lock().unwrap();
        let (number, again) = (calls.len(), calls.contains(&call));
        calls.push(call);
        let fits = |at: At| match at {
            At::Nth(place) => place == number,
            At::From(place) => number >= place,
            At::First(name) => name == call && !again,
            At::Again(name) => name == call && again,
        };
        let found = self.faults.iter().find(|(at, _)| fits(*at));
        found.map(|(_, fault)| *fault).inspect(|_| {
            self.met.fetch_add(1, Ordering::SeqCst);
        })
    }

    async fn stop(&self) {
        self.stopped.notify_one();
        self.go_on.notified().await;
    }
}

/// The course of the request that calls; nothing for what a test does itself.
pub fn here() -> Option<Arc<Course>> {
    COURSE.try_with(Arc::clone).ok()
}

/// What goes wrong at this call; stands still where it is to.
pub async fn before(call: &'static str) -> Option<Fault> {
    let course = here()?;
    let fault = course.next(call);
    if fault == Some(Fault::StopBefore) {
        course.stop().await;
    }
    fault
}

/// After the call was carried out.
pub async fn after(fault: Option<Fault>) {
    if let (Some(course), Some(Fault::StopAfter)) = (here(), fault) {
        course.stop().await;
    }
}

/// Writes down what the request did.
pub fn note(what: impl FnOnce(&mut Did)) {
    if let Some(course) = here() {
        what(&mut course.did.lock().unwrap());
    }
}

/// A request under way.
pub struct Running<T> {
    pub course: Arc<Course>,
    task: JoinHandle<T>,
}

/// How far a request came.
pub enum Went<T> {
    Done(T, Arc<Course>),
    Stopped(Running<T>),
}

/// Starts a request; it goes to its end, or to where it stands still.
pub async fn go<T, W>(course: Course, work: W) -> Went<T>
where
    T: Send + 'static,
    W: Future<Output = T> + Send + 'static,
{
    let course = Arc::new(course);
    let task = tokio::spawn(COURSE.scope(course.clone(), work));
    Running { course, task }.follow().await
}

impl<T> Running<T> {
    async fn follow(mut self) -> Went<T> {
        tokio::select! {
            biased;
            done = &mut self.task => Went::Done(done.unwrap(), self.course),
            () = self.course.stopped.notified() => Went::Stopped(self),
        }
    }

    pub async fn resume(self) -> Went<T> {
        self.course.go_on.notify_one();
        self.follow().await
    }

    /// The process is killed.
    pub async fn crash(self) {
        self.task.abort();
        assert!(self.task.await.is_err(), "it stood still");
    }
}

/// What goes wrong in a request: mostly nothing, else one thing or two at its first calls.
pub fn faults() -> impl Strategy<Value = Faults> {
    let fault = prop_oneof![
        Just(Fault::Unsent),
        Just(Fault::Unheard),
        Just(Fault::Late),
        Just(Fault::StopBefore),
        Just(Fault::StopAfter),
    ];
    let one = || {
        let at = prop_oneof![
            4 => (0_usize..18).prop_map(At::Nth),
            1 => (0_usize..18).prop_map(At::From),
        ];
        // Standing still at every call is no more than at one.
        (at, fault.clone()).prop_map(|(at, fault)| match (at, fault) {
            (At::From(place), Fault::StopBefore | Fault::StopAfter) => (At::Nth(place), fault),
            other => other,
        })
    };
    prop_oneof![
        3 => Just(Vec::new()),
        3 => one().prop_map(|one| vec![one]),
        1 => (one(), one()).prop_map(|(one, other)| vec![one, other]),
    ]
}
