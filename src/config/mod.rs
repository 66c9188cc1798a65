//! Configuration: files in, [`Settings`] out, or the list of all that is wrong with file, line and
//! what to write instead. Nothing here opens a connection or starts anything.

mod build;
mod edition;
mod files;
mod problem;
mod read;
mod reference;
mod secrets;
mod section;
mod sections;
mod settings;
mod source;
mod units;
mod values;

pub use files::load;
pub use problem::{Problem, Problems};
pub use reference::reference;
pub use secrets::Environment;
pub use sections::LogFormat;
pub use settings::{
    AdminSettings, DirectorySettings, LettersSettings, Loaded, LogSettings, MailWay, PagesSettings,
    PasswordSettings, RealmSettings, Settings, SmsSettings, TicketsSettings,
};
