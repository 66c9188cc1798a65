//! What people write: one struct per section of a file. What the program makes of it is decided in
//! `build`; here stand only keys, kinds, defaults and their documentation.

mod delegation;
mod directory;
mod directory_write;
mod institutions;
mod mail;
mod password;
mod realm;
mod recovery;
mod remember;
mod rest;
mod server;
mod service;
mod trusted_header;

pub use delegation::*;
pub use directory::*;
pub use directory_write::*;
pub use institutions::{GroupSection, InstitutionSection, InstitutionsFile, KindWord, StateWord};
pub use mail::*;
pub use password::{ClassWord, PasswordSection};
pub use realm::{
    AudienceWord, BannerSection, CaptchaSection, CaptchaWord, ConformityWord, ContactSection, GuideSection,
    LegalSection, LifetimesSection, RealmFile,
};
pub use recovery::*;
pub use remember::RememberSection;
pub use rest::{RestClientSection, RestSection};
pub use server::*;
pub use service::ServiceFile;
pub use trusted_header::*;
