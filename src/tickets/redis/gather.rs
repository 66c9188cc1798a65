//! Calls that come at the same moment go to Redis in one write: at thousands of calls a second, the
//! kernel's part of a write costs more than the call itself. It waits for nobody: a call leaves as
//! soon as the tasks that are ready now have had their turn.

use std::sync::{Arc, Mutex, MutexGuard};
use std::task::Poll;

use redis::{Cmd, ErrorKind, Pipeline, RedisError, RedisResult, Value};
use tokio::sync::oneshot;

use super::wire::Spoken;

/// One connection to a server, shared by all calls.
#[derive(Clone)]
pub(super) struct Gathered {
    spoken: Spoken,
    waiting: Arc<Mutex<Vec<Waiting>>>,
}

struct Waiting {
    command: Cmd,
    answer: oneshot::Sender<RedisResult<Value>>,
}

impl Gathered {
    pub fn new(spoken: Spoken) -> Gathered {
        Gathered {
            spoken,
            waiting: Arc::default(),
        }
    }

    /// Sends a command, and tells what came back: an error of the server is a value here.
    pub async fn ask(&self, command: &Cmd) -> RedisResult<Value> {
        let (answer, heard) = oneshot::channel();
        let call = Waiting {
            command: command.clone(),
            answer,
        };
        let is_first = {
            let mut waiting = self.waiting();
            waiting.push(call);
            waiting.len() == 1
        };
        if is_first {
            // In a task of its own: whoever came first may give up, the others did not.
            tokio::spawn(self.clone().send());
        }
        heard.await.unwrap_or_else(|_| Err(given_up()))
    }

    async fn send(mut self) {
        behind_who_is_ready().await;
        let mut calls = std::mem::take(&mut *self.waiting());
        calls.retain(|call| !call.answer.is_closed());
        if calls.len() < 2 {
            for Waiting { command, answer } in calls {
                let _ = answer.send(self.spoken.connection.send_packed_command(&command).await);
            }
            return;
        }
        let mut pipeline = Pipeline::with_capacity(calls.len());
        let mut answers = Vec::with_capacity(calls.len());
        for Waiting { command, answer } in calls {
            pipeline.add_command(command);
            answers.push(answer);
        }
        let told = self
            .spoken
            .connection
            .send_packed_commands(&pipeline, 0, answers.len());
        match told.await {
            Ok(values) => answers.into_iter().zip(values).for_each(|(answer, value)| {
                let _ = answer.send(Ok(value));
            }),
            Err(error) => answers.into_iter().for_each(|answer| {
                let _ = answer.send(Err(error.clone()));
            }),
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Vec<Waiting>> {
        self.waiting
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// Lets the tasks go first that this thread has ready now. The runtime's own `yield_now` also asks the kernel
/// for more of them, each time.
async fn behind_who_is_ready() {
    let mut asked = false;
    std::future::poll_fn(|cx| {
        if std::mem::replace(&mut asked, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// The task that was to send the call is gone: only at the end of the program.
fn given_up() -> RedisError {
    (ErrorKind::Io, "the call was not sent").into()
}
