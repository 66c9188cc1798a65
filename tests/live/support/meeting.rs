//! A directory whose writers wait for one another after everything was read and before anything is
//! written: the moment at which nothing but the directory keeps two nodes apart.

use std::sync::Arc;

use async_trait::async_trait;
use mereau::base::names::{PersonKey, Username};
use mereau::base::secret::Password;
use mereau::directory::{
    Bound, Directory, DirectoryError, FenceKind, Found, Listing, PasswordWrite, Person, Rewrite, Settled,
    Writable, Written, Wrote,
};
use tokio::sync::{Barrier, Mutex, mpsc};

pub struct Meeting<D> {
    directory: D,
    barrier: Arc<Barrier>,
    turn: Option<Arc<Mutex<()>>>,
}

impl<D: Directory> Meeting<D> {
    pub fn at(barrier: &Arc<Barrier>, directory: D) -> Meeting<D> {
        Meeting {
            directory,
            barrier: barrier.clone(),
            turn: None,
        }
    }

    /// Once all have met, they write one after the other.
    pub fn by_turns(self, turn: &Arc<Mutex<()>>) -> Meeting<D> {
        Meeting {
            turn: Some(turn.clone()),
            ..self
        }
    }
}

#[async_trait]
impl<D: Directory> Directory for Meeting<D> {
    async fn write_password(&self, write: &PasswordWrite<'_>) -> Result<Wrote, DirectoryError> {
        self.barrier.wait().await;
        let _turn = match &self.turn {
            Some(turn) => Some(turn.lock().await),
            None => None,
        };
        self.directory.write_password(write).await
    }

    async fn find(&self, login: &Username) -> Result<Found, DirectoryError> {
        self.directory.find(login).await
    }

    async fn list(&self, wish: &Listing, into: mpsc::Sender<Person>) -> Result<(), DirectoryError> {
        self.directory.list(wish, into).await
    }

    async fn find_by(&self, attribute: &str, value: &str) -> Result<Vec<Person>, DirectoryError> {
        self.directory.find_by(attribute, value).await
    }

    async fn read(&self, key: &PersonKey) -> Result<Option<Person>, DirectoryError> {
        self.directory.read(key).await
    }

    async fn bind(&self, person: &Person, password: &Password) -> Result<Bound, DirectoryError> {
        self.directory.bind(person, password).await
    }

    async fn decoy(&self, password: &Password) {
        self.directory.decoy(password).await;
    }

    fn lock_after(&self) -> Option<u32> {
        self.directory.lock_after()
    }

    async fn read_for_write(&self, key: &PersonKey) -> Result<Option<Writable>, DirectoryError> {
        self.directory.read_for_write(key).await
    }

    async fn settle(&self, write: &PasswordWrite<'_>) -> Result<Settled, DirectoryError> {
        self.directory.settle(write).await
    }

    async fn write_attributes(
        &self,
        key: &PersonKey,
        changes: &[(String, Rewrite)],
    ) -> Result<Written, DirectoryError> {
        self.directory.write_attributes(key, changes).await
    }

    async fn lift_failure_lock(&self, key: &PersonKey) -> Result<bool, DirectoryError> {
        self.directory.lift_failure_lock(key).await
    }

    fn pin(&self, key: &PersonKey) {
        self.directory.pin(key);
    }

    fn pinned_for(&self) -> std::time::Duration {
        self.directory.pinned_for()
    }

    fn outage(&self) -> mereau::directory::Outage {
        self.directory.outage()
    }

    fn fence(&self) -> FenceKind {
        self.directory.fence()
    }

    fn writable(&self) -> bool {
        self.directory.writable()
    }
}
