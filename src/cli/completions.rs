//! `mereau completions`: what a shell needs to complete our words, made from the words themselves.

use anyhow::Context;
use clap::CommandFactory;

use super::Outcome;
use super::arguments::{Arguments, Shell};
use super::print::Screen;

pub fn completions(shell: Shell, screen: &mut Screen) -> anyhow::Result<Outcome> {
    let of = match shell {
        Shell::Bash => clap_complete::Shell::Bash,
        Shell::Zsh => clap_complete::Shell::Zsh,
        Shell::Fish => clap_complete::Shell::Fish,
    };
    let mut text = Vec::new();
    clap_complete::generate(of, &mut Arguments::command(), "mereau", &mut text);
    let text = String::from_utf8(text).context("the completions are not text")?;
    screen.print(text.trim_end());
    Ok(Outcome::Good)
}
