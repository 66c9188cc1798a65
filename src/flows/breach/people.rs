//! Many people at once: a realm's, or those whom a filter finds, each with the little that is kept of them
//! while the others are worked on.

use tokio::sync::mpsc;

use crate::base::names::{AccountId, RealmId};
use crate::directory::{EntryName, Listing, Person};
use crate::flows::{Catalogue, FlowError};

/// People on their way from the directory.
const UNDER_WAY: usize = 256;

/// One of many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub account: AccountId,
    pub login: String,
    pub entry: EntryName,
}

impl Listed {
    pub fn of(realm: &RealmId, person: &Person) -> Listed {
        Listed {
            account: AccountId {
                realm: realm.clone(),
                person: person.key.clone(),
            },
            login: person.login.clone(),
            entry: person.entry.clone(),
        }
    }
}

/// Shows everybody whom the wish finds to `each`, which keeps what it wants, each person once.
pub async fn people(
    catalogue: &Catalogue,
    realm: &RealmId,
    wish: &Listing,
    mut each: impl FnMut(&Person),
) -> Result<(), FlowError> {
    let directory = catalogue.directory(realm)?;
    let (into, mut found) = mpsc::channel(UNDER_WAY);
    // Two search bases may hold the same entry.
    let mut seen = std::collections::HashSet::new();
    let listing = directory.list(wish, into);
    let taking = async {
        while let Some(person) = found.recv().await {
            if seen.insert(person.key.clone()) {
                each(&person);
            }
        }
    };
    let (listed, ()) = tokio::join!(listing, taking);
    listed.map_err(|source| FlowError::Directory {
        realm: realm.clone(),
        source,
    })
}
