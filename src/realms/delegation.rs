//! How a realm lets people in by another server's word: what the button says and to whom, and how the
//! person is found among the realm's own. How the other server is spoken to is not known here.

use crate::base::names::{InstitutionId, UpstreamId};
use crate::base::texts::Texts;

/// One other server, as one realm trusts it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delegation {
    pub upstream: UpstreamId,
    /// What people call it: « SSO CAS ».
    pub name: Texts,
    pub audience: ForWhom,
    pub position: Position,
    /// Those it is offered to; none: every institution of the realm.
    pub institutions: Vec<InstitutionId>,
    /// Tried in this order; the first that finds someone decides.
    pub joins: Vec<Join>,
    /// Attributes taken from its answer, under our names.
    pub taken: Vec<Taken>,
    pub on_logout: OnLogout,
}

/// For whom the button is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ForWhom {
    Families,
    Staff,
    Everybody,
}

/// Where the button stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// Above the form.
    First,
    /// Below the form.
    After,
    /// There is no form.
    Only,
}

/// A person is the one whose attribute `ours` has a value that the other server gives as `theirs`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Join {
    /// The name of an attribute of the answer, or [`Join::SUBJECT`].
    pub theirs: String,
    pub ours: String,
}

impl Join {
    /// Stands for what the other server calls the person.
    pub const SUBJECT: &'static str = "user";
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    pub theirs: String,
    pub ours: String,
}

/// What a sign-out here does about the session there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnLogout {
    /// The last page has a link.
    Offer,
    /// The browser goes there and comes back.
    Forward,
    Nothing,
}

impl Delegation {
    pub fn is_offered_to(&self, institution: &InstitutionId) -> bool {
        self.institutions.is_empty() || self.institutions.contains(institution)
    }
}
