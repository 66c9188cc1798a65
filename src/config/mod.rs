//! Configuration: files in, [`Settings`] out, or the list of all that is wrong with file, line and
//! what to write instead. Nothing here opens a connection or starts anything.

mod build;
mod credentials;
mod files;
mod outline;
mod problem;
mod reach;
mod read;
mod reference;
pub mod rotation;
mod secrets;
mod section;
mod sections;
mod settings;
mod source;
mod units;
mod values;

pub use files::load;
pub use outline::{Difference, Explained, FileKind, Known, Now, differences, explain, schema};
pub use problem::{PrivateFile, Problem, Problems};
pub use reach::{Reach, reach};
pub use reference::reference;
pub use secrets::Environment;
pub use sections::LogFormat;
pub use settings::{
    AdminSettings, DirectorySettings, KeyFiles, LettersSettings, Loaded, LogSettings, MailWay, PagesSettings,
    PasswordSettings, RealmSettings, Settings, SmsSettings, TicketsSettings,
};
