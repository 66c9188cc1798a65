//! `mereau keys`: a new key, those there are, and the change from one to the next. Nothing is ever printed of a
//! key but the byte by which sealed values name it.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, bail};

use super::arguments::RotateArguments;
use super::print::Screen;
use super::recovery::{check_reason, os_user};
use super::{Outcome, assemble, check, files};
use crate::audit::{Actor, Event, Record};
use crate::base::clock::{Clock, SystemClock, Timestamp, millis};
use crate::base::entropy::OsEntropy;
use crate::base::key_file;
use crate::config::rotation::Written;
use crate::config::{Loaded, Settings};

/// How nodes come to know what was changed.
const TAKEN_UP: &str = "Each takes it up by “systemctl restart mereau”, one after the other, with the Debian package or \
                        another unit of systemd, which hands secrets over at a start only; by SIGHUP elsewhere.";

/// Writes a new key; an existing file is never touched: what it sealed would be lost.
pub fn new(path: &Path, screen: &mut Screen) -> anyhow::Result<Outcome> {
    write(path, &key_file::generate(&OsEntropy))?;
    screen.print(&format!(
        "A new key is in {}. Name it in [keys] files of server.toml, on every node. Where there is one already, \
         “mereau keys rotate” makes the next one and says how it comes into use.",
        path.display()
    ));
    Ok(Outcome::Good)
}

/// What there is: `seals`, `knows`, `names`.
pub fn list(config: &Path, screen: &mut Screen) -> anyhow::Result<Outcome> {
    let Some(Loaded { settings, .. }) = check::load(config, screen) else {
        return Ok(Outcome::Bad);
    };
    let files = &settings.key_files;
    if files.ring.is_empty() {
        screen.print("no keys: [keys] has no files, and what this server seals is forgotten when it stops");
        return Ok(Outcome::Good);
    }
    let written = Written::of(&std::fs::read_to_string(config)?);
    let waits = written.is_some_and(|written| written.waits());
    for (number, file) in files.ring.iter().enumerate() {
        let last = number + 1 == files.ring.len();
        let role = match number {
            0 => "seals",
            _ if last && waits => "knows, for when it will seal",
            _ => "knows",
        };
        let names = last && files.names.is_none() || files.names.as_ref() == Some(file);
        screen.print(&described(file, role, names)?);
    }
    if let Some(names) = files.names.as_ref().filter(|names| !files.ring.contains(names)) {
        screen.print(&described(names, "names only", true)?);
    }
    Ok(Outcome::Good)
}

fn described(file: &Path, role: &str, names: bool) -> anyhow::Result<String> {
    let shown = || format!("the file {} cannot be read", file.display());
    let text = zeroize::Zeroizing::new(std::fs::read(file).with_context(shown)?);
    let key = key_file::parse(&text).with_context(|| format!("{} holds no key", file.display()))?;
    let made = std::fs::metadata(file).and_then(|known| known.modified());
    let made = made
        .ok()
        .and_then(|made| made.duration_since(SystemTime::UNIX_EPOCH).ok());
    let now = SystemClock.now();
    let age = made.map(|made| now.since(Timestamp(millis(made))));
    let age = age.map_or("of an unknown age".to_owned(), |age| {
        format!(
            "{} old",
            check::count(usize::try_from(age.as_secs() / 86_400).unwrap_or(0), "day")
        )
    });
    let also = if names { ", names" } else { "" };
    Ok(format!(
        "id {:02x}  {role}{also}  {age}  {}",
        key.id,
        file.display()
    ))
}

/// One step of a rotation, in the server's file of this node.
pub fn rotate(arguments: &RotateArguments, screen: &mut Screen) -> anyhow::Result<Outcome> {
    let config = &arguments.from.config;
    let Some(Loaded { settings, .. }) = check::load(config, screen) else {
        return Ok(Outcome::Bad);
    };
    check_reason(&arguments.act.reason)?;
    let text = std::fs::read_to_string(config).with_context(|| format!("{}", config.display()))?;
    let Some(written) = Written::of(&text) else {
        bail!("[keys] has no files: make a key first, by: mereau keys new FILE");
    };
    let step = match arguments.activate {
        true => activating(&written)?,
        false => introducing(config, &written)?,
    };
    let Some(changed) = step.after.put_into(&text) else {
        step.forget();
        bail!(
            "[keys] in {} is written in a way that only its author can change; write there:\n{}",
            config.display(),
            step.after.lines()
        );
    };
    let failed = || format!("{} cannot be written", config.display());
    files::put(config, &changed).with_context(failed)?;
    if check::load(config, screen).is_none() {
        files::put(config, &text).with_context(failed)?;
        step.forget();
        bail!("nothing was changed");
    }
    record(settings, arguments, &step.note)?;
    screen.print(&format!("{}\n\n[keys]\n{}", step.said, step.after.lines()));
    Ok(Outcome::Good)
}

/// What a step comes to.
struct Step {
    after: Written,
    /// The file that it made.
    made: Option<PathBuf>,
    said: String,
    note: String,
}

impl Step {
    /// A key that nothing names is of no use.
    fn forget(&self) {
        if let Some(made) = &self.made {
            let _ = std::fs::remove_file(made);
        }
    }
}

fn introducing(config: &Path, written: &Written) -> anyhow::Result<Step> {
    if written.waits() {
        bail!(
            "{} was introduced already: once every node knows it, go on with --activate",
            written.files.last().map_or("a key", String::as_str)
        );
    }
    let folder = config.parent().unwrap_or(Path::new("."));
    let name = written.next_name(|name| folder.join(name).exists());
    let name = name.context("no name is left for a further key")?;
    let file = folder.join(&name);
    let fresh = create(&file, &key_file::generate(&OsEntropy))?;
    if let Some(first) = written.files.first() {
        readable_as(&fresh, &folder.join(first));
    }
    Ok(Step {
        after: written.introducing(&name),
        said: format!(
            "A further key is in {}; nothing is sealed by it yet. Copy it, and this section, to every other node. \
             {TAKEN_UP} Then: mereau keys rotate --activate",
            file.display()
        ),
        note: format!("{name} introduced"),
        made: Some(file),
    })
}

/// Root makes a key that the server can read, as it reads the first: by its owner, or by its group. The open file is
/// given away, not its name, which others may have changed where the folder is theirs.
fn readable_as(fresh: &File, first: &Path) {
    let Ok(known) = std::fs::metadata(first) else {
        return;
    };
    if !files::own_as(fresh, &known) {
        return;
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = (known.permissions().mode() & 0o640) | 0o400;
        let _ = fresh.set_permissions(std::fs::Permissions::from_mode(mode));
    }
}

fn activating(written: &Written) -> anyhow::Result<Step> {
    let after = written.activating().filter(|_| written.waits());
    let Some(after) = after else {
        bail!("no key waits to be used: begin with “mereau keys rotate”");
    };
    let (next, before) = (after.files.first(), after.files.last());
    let (next, before) = (next.map_or("", String::as_str), before.map_or("", String::as_str));
    Ok(Step {
        said: format!(
            "{next} seals once a node has read this, and what {before} has sealed is good until the next rotation. \
             Put this section on every node. {TAKEN_UP} Keep the file of a key that is not named any more where \
             the backups are, for the audit of its time. The key of names is not rotated: sessions, opaque names, \
             links and codes of recovery hang on it."
        ),
        note: format!("{next} in use, {before} still known"),
        made: None,
        after,
    })
}

/// The audit of this node has it, under the keys of before.
fn record(settings: Settings, arguments: &RotateArguments, note: &str) -> anyhow::Result<()> {
    let Some(keys) = &settings.keys else {
        return Ok(());
    };
    let agent = arguments.act.agent.clone().unwrap_or_else(os_user);
    let record = Record {
        note: Some(format!("{note}: {}", arguments.act.reason.trim())),
        method: Some("command"),
        ..Record::of(Event::KeysRotated, SystemClock.now()).by(Actor::Agent(agent))
    };
    if !assemble::note(settings.audit, keys, record)? {
        bail!("the audit's file may lack this: look at it");
    }
    Ok(())
}

/// Writes a key to a new file that only its owner may read.
pub fn write(path: &Path, key: &str) -> anyhow::Result<()> {
    create(path, key).map(drop)
}

fn create(path: &Path, key: &str) -> anyhow::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options
        .open(path)
        .with_context(|| format!("the file {} cannot be made", path.display()))?;
    file.write_all(key.as_bytes())
        .and_then(|()| file.sync_all())
        .with_context(|| format!("the file {} cannot be written", path.display()))?;
    Ok(file)
}
