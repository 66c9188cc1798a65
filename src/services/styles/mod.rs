//! Answers as applications of schools and universities read them (experience §4.4, §4.5): under a
//! name, the settings that a service of that kind would have to write. What they mean is the affair
//! of the settings themselves, which win wherever the service writes its own.

mod presets;
mod sheet;
mod values;

pub use presets::{Evidence, PRESETS, Preset};
pub use sheet::sheet;
pub use values::{Codes, Several, coded};

/// The style of that name.
pub fn preset(name: &str) -> Option<&'static Preset> {
    PRESETS.iter().find(|preset| preset.name == name)
}
