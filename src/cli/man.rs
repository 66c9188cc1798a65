//! `mereau man`: the manual pages, made from the words of the command line and from what holds for
//! every command. They carry no date, so that two builds give the same pages.

use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::Context;
use clap::{Command, CommandFactory};
use clap_mangen::Man;

use super::Outcome;
use super::arguments::Arguments;
use super::print::Screen;

const SECTION: &str = "1";

/// What holds for all of them, in roff.
const EVERYWHERE: &str = r#".SH "EXIT STATUS"
.TP
0
All is well.
.TP
1
What is wrong was printed.
Of \fBmereau config diff\fR: something differs.
.TP
2
The arguments make no sense.
Of \fBmereau config diff\fR also: a file cannot be read.
.TP
3
Of \fBmereau upgrade-check\fR: all servers must stop before the first one of the new version starts.
.SH FILES
.TP
\fI/etc/mereau/server.toml\fR
The configuration of the packaged service; realms/, services/ and institutions.{toml,csv} beside it.
.TP
\fI/usr/share/doc/mereau/reference.toml\fR
Every option there is, with its documentation and default.
"#;

/// Writes a page for each command to `folder`.
pub fn man(folder: &Path, screen: &mut Screen) -> anyhow::Result<Outcome> {
    fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    let mut root = Arguments::command().disable_help_subcommand(true);
    root.build();
    let pages = pages(&root);
    for (name, page) in &pages {
        let path = folder.join(name);
        fs::write(&path, page).with_context(|| format!("{} cannot be written", path.display()))?;
    }
    screen.print(&format!("{} pages in {}", pages.len(), folder.display()));
    Ok(Outcome::Good)
}

/// The names and texts of the pages of a command and of all below it.
fn pages(root: &Command) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut open = vec![(root, None)];
    while let Some((command, above)) = open.pop() {
        let name = command
            .get_display_name()
            .unwrap_or(command.get_name())
            .to_owned();
        let below: Vec<&Command> = command
            .get_subcommands()
            .filter(|below| !below.is_hide_set())
            .collect();
        let text = page(command, &name, &neighbours(above.as_deref(), &below));
        found.push((format!("{name}.{SECTION}"), text.unwrap_or_default()));
        open.extend(below.into_iter().map(|below| (below, Some(name.clone()))));
    }
    found.sort();
    found
}

/// The pages one step up and one step down.
fn neighbours(above: Option<&str>, below: &[&Command]) -> Vec<String> {
    let below = below.iter().filter_map(|command| command.get_display_name());
    above.into_iter().chain(below).map(str::to_owned).collect()
}

fn page(command: &Command, name: &str, see: &[String]) -> std::io::Result<Vec<u8>> {
    let about = command
        .get_about()
        .map(|about| about.to_string())
        .unwrap_or_default();
    let man = Man::new(command.clone());
    let (title, version) = (name.to_uppercase(), env!("CARGO_PKG_VERSION"));
    let mut page = Vec::new();
    // No date, which clap_mangen's own heading cannot leave out.
    writeln!(page, ".TH {title} {SECTION} \"\" \"mereau {version}\" Mereau")?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    if !about.is_empty() {
        man.render_description_section(&mut page)?;
    }
    if command.get_arguments().any(|argument| !argument.is_hide_set()) {
        man.render_options_section(&mut page)?;
    }
    if command.has_subcommands() {
        man.render_subcommands_section(&mut page)?;
    }
    page.write_all(EVERYWHERE.as_bytes())?;
    if !see.is_empty() {
        let see: Vec<String> = see.iter().map(|name| format!(".BR {name} ({SECTION})")).collect();
        writeln!(page, ".SH \"SEE ALSO\"\n{}", see.join(" ,\n"))?;
    }
    Ok(page)
}
