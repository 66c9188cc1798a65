//! Which of the realm's people another server means: the join of its attributes with the directory's.

use super::Step;
use crate::directory::{Directory, DirectoryError, MOST_JOINED, Person};
use crate::realms::{Delegation, Join};
use crate::tickets::CameFrom;
use crate::upstreams::Stranger;

/// Values of one attribute that are looked for.
const MOST_VALUES: usize = 8;
/// Characters of a value that is looked for or kept.
const LONGEST_VALUE: usize = 512;
/// Values kept of one attribute that is taken.
const MOST_TAKEN: usize = 64;

/// The accounts, at least one; or why there is none.
pub(super) async fn joined(
    directory: &dyn Directory,
    delegation: &Delegation,
    stranger: &Stranger,
) -> Result<Result<Vec<Person>, Step>, DirectoryError> {
    let mut named = false;
    for join in &delegation.joins {
        let values = values_of(stranger, &join.theirs);
        let usable = |value: &&String| !value.trim().is_empty() && value.chars().count() <= LONGEST_VALUE;
        let mut people: Vec<Person> = Vec::new();
        for value in values.iter().filter(usable).take(MOST_VALUES) {
            named = true;
            for person in directory.find_by(&join.ours, value).await? {
                if !people.iter().any(|known| known.key == person.key) {
                    people.push(person);
                }
            }
            if people.len() > MOST_JOINED {
                return Ok(Err(Step::TooMany));
            }
        }
        if !people.is_empty() {
            return Ok(Ok(people));
        }
    }
    Ok(Err(if named { Step::Unknown } else { Step::Nameless }))
}

/// What the session keeps of the stranger.
pub(super) fn came_from(delegation: &Delegation, stranger: &Stranger) -> CameFrom {
    let kept = |theirs: &str| -> Vec<String> {
        let values = values_of(stranger, theirs).into_iter();
        let short = values.filter(|value| value.chars().count() <= LONGEST_VALUE);
        short.take(MOST_TAKEN).collect()
    };
    let taken = delegation
        .taken
        .iter()
        .map(|taken| (taken.ours.clone(), kept(&taken.theirs)));
    CameFrom {
        upstream: delegation.upstream.clone(),
        attributes: taken.filter(|(_, values)| !values.is_empty()).collect(),
    }
}

fn values_of(stranger: &Stranger, theirs: &str) -> Vec<String> {
    if theirs == Join::SUBJECT {
        return vec![stranger.subject.clone()];
    }
    let found = stranger.attributes.iter().find(|(name, _)| name == theirs);
    found.map(|(_, values)| values.clone()).unwrap_or_default()
}
