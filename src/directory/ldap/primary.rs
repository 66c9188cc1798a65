//! Who is asked about a person once writing is possible: the write primary for those written
//! lately, and the primary again when a replica that may lag says that a password is wrong (F-17,
//! F-18).

use std::sync::Arc;
use std::time::Instant;

use tokio::time::{Instant as Deadline, timeout};

use super::searches::{ONE_AND_ANOTHER, Request};
use super::server::{Server, contained};
use super::writer::{Marks, Writer};
use super::{LdapDirectory, requests};
use crate::base::names::PersonKey;
use crate::base::secret::Password;
use crate::directory::state::changed_at;
use crate::directory::{Bound, DirectoryError, Person};

/// Nobody's key, for tries on unknown logins.
const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

impl LdapDirectory {
    pub(super) fn pinned(&self, key: &PersonKey) -> Option<&Writer> {
        let writer = self.writer.as_deref()?;
        self.pins.holds(key, Instant::now()).then_some(writer)
    }

    pub(super) fn pin_to_primary(&self, key: &PersonKey) {
        if let Some(writer) = &self.writer {
            self.pins.set(key, Instant::now(), writer.settings.pin);
        }
    }

    /// A pinned person's password is tried on the primary only: a replica might still take the old
    /// one.
    pub(super) async fn bind_somewhere(
        &self,
        person: &Person,
        password: &Password,
    ) -> Result<Bound, DirectoryError> {
        let dn = &person.entry.0;
        if let Some(writer) = self.pinned(&person.key) {
            return self
                .try_bind(&writer.servers, dn, password)
                .await
                .map(|(bound, _)| bound);
        }
        let (bound, server) = self.try_bind(&self.servers, dn, password).await?;
        let Some(writer) = self.writer.as_deref().filter(|writer| !writer.has(&server)) else {
            return Ok(bound);
        };
        if bound != Bound::WrongPassword || !self.may_lag(writer, server, &person.key).await {
            return Ok(bound);
        }
        let again = self.try_bind(&writer.servers, dn, password).await;
        let Ok((again, _)) = again else { return Ok(bound) };
        if matches!(again, Bound::Accepted(_)) {
            self.pin_to_primary(&person.key);
        }
        Ok(again)
    }

    /// What [`LdapDirectory::bind_somewhere`] does after a wrong password, for nobody (T-53).
    pub(super) async fn decoy_look(&self, server: Arc<Server>) {
        if let Some(writer) = self.writer.as_deref().filter(|writer| !writer.has(&server)) {
            // Only its time is wanted.
            let _ = self.may_lag(writer, server, &PersonKey(NOBODY.to_owned())).await;
        }
    }

    /// Whether the primary's entry changed lately, or is not what the replica has. A primary that
    /// does not answer tells nothing: the replica's word stands (F-19).
    async fn may_lag(&self, writer: &Writer, replica: Arc<Server>, key: &PersonKey) -> bool {
        // A person waits for the answer: no longer than for any other look.
        let primary = timeout(self.settings.limits.operation, writer.marks(key));
        let (primary, replica) = tokio::join!(primary, self.marks_on(writer, replica, key));
        let Ok(Ok(Some((marks, entry)))) = primary else {
            return false;
        };
        let changed = changed_at(&entry, &writer.settings.changed_attribute);
        let lately = changed.is_some_and(|changed| self.clock.now().since(changed) < writer.settings.pin);
        lately || replica.is_some_and(|replica| replica != marks)
    }

    async fn marks_on(&self, writer: &Writer, replica: Arc<Server>, key: &PersonKey) -> Option<Marks> {
        let filter = self.settings.mapping.key_filter(key)?;
        let generation = writer.settings.guard.generation().map(str::to_owned);
        let changed = writer.settings.changed_attribute.clone();
        let attributes: Arc<[String]> = generation.into_iter().chain([changed]).collect();
        let asked: Vec<Request> = requests(&self.settings, &filter, &attributes, ONE_AND_ANOTHER);
        let deadline = Deadline::now() + self.settings.limits.operation;
        let search = async move { replica.search(&asked).await };
        let found = contained(search, deadline).await.ok()?.pop();
        Some(Marks::of(&found?.attributes, &writer.settings))
    }
}
