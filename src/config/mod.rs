//! Configuration: files in, [`Settings`] out, or the list of all that is wrong with file, line and
//! what to write instead. Nothing here opens a connection or starts anything.

mod build;
mod credentials;
mod edition;
mod files;
mod outline;
mod problem;
mod reach;
mod read;
mod reference;
pub mod rotation;
mod schemas;
mod secrets;
mod section;
mod sections;
mod settings;
mod source;
mod units;
mod values;

pub use files::load;
pub use outline::{
    Difference, Explained, FileKind, Known, Listed, Now, differences, explain, listing, schema,
};
pub use problem::{PrivateFile, Problem, Problems};
pub use reach::{Reach, reach};
pub use reference::reference;
pub use schemas::{Migration, SCHEMA, migration, read_schemas};
pub use secrets::Environment;
pub use sections::{ConfineWord, LogFormat};
pub use settings::{
    AdminSettings, DirectorySettings, KeyFiles, LettersSettings, Loaded, LogSettings, MailWay, PagesSettings,
    PasswordSettings, RealmSettings, Settings, SmsSettings, TicketsSettings,
};
