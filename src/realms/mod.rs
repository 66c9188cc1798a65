//! Realms (one population of people each) and institutions (what a person picks), and which
//! institution a request is about. Directories of realms are ports and live elsewhere.

mod banner;
mod captcha;
pub mod checks;
mod delegation;
mod departement;
mod finding;
mod institution;
mod institutions;
mod letterhead;
pub mod logo;
mod realm;
mod resolution;
pub mod search;
pub mod sheet;
mod trusted_header;

pub use banner::Banner;
pub use captcha::{CaptchaMode, CaptchaRule};
pub use delegation::{Delegation, ForWhom, Join, OnLogout, Position, Taken};
pub use departement::Departement;
pub use finding::{Found, Town};
pub use institution::{Coordinates, Groups, Institution, InstitutionKind, InstitutionState, Particulars};
pub use institutions::{InstitutionProblem, Institutions};
pub use letterhead::{INSTITUTION, Letterhead};
pub use logo::Logo;
pub use realm::{Audience, Conformity, Contact, Guide, LegalLinks, Lifetimes, Realm, Texts};
pub use resolution::{Hints, Resolution, ResolvedBy};
pub use trusted_header::{Means, TrustedHeader, Word};
