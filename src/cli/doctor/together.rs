//! Looks at several parts at once: none waits for another, and each is given up after a while. On a terminal it
//! says what is still being looked at.

use std::pin::Pin;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use crate::cli::findings::{Finding, codes};
use crate::cli::print::Screen;

/// For one part, whatever its own deadlines come to.
const LONGEST: Duration = Duration::from_secs(60);

/// One thing that is looked at.
pub struct Part<'a> {
    name: String,
    look: Pin<Box<dyn Future<Output = Vec<Finding>> + 'a>>,
}

impl<'a> Part<'a> {
    pub fn new(name: impl Into<String>, look: impl Future<Output = Vec<Finding>> + 'a) -> Part<'a> {
        Part {
            name: name.into(),
            look: Box::pin(look),
        }
    }
}

/// What all of them found, in the order of the parts.
pub async fn together(parts: Vec<Part<'_>>, screen: &mut Screen) -> Vec<Finding> {
    within(LONGEST, parts, screen).await
}

async fn within(longest: Duration, parts: Vec<Part<'_>>, screen: &mut Screen) -> Vec<Finding> {
    let names: Vec<String> = parts.iter().map(|part| part.name.clone()).collect();
    let mut found: Vec<Option<Vec<Finding>>> = names.iter().map(|_| None).collect();
    let mut running: FuturesUnordered<_> = parts
        .into_iter()
        .enumerate()
        .map(|(at, part)| look(at, part, longest))
        .collect();
    loop {
        let waiting: Vec<&str> = names
            .iter()
            .zip(&found)
            .filter(|(_, found)| found.is_none())
            .map(|(name, _)| name.as_str())
            .collect();
        screen.progress(&waited_for(&waiting, names.len()));
        let Some((at, findings)) = running.next().await else {
            break;
        };
        if let Some(place) = found.get_mut(at) {
            *place = Some(findings);
        }
    }
    screen.progress("");
    found.into_iter().flatten().flatten().collect()
}

async fn look(at: usize, part: Part<'_>, longest: Duration) -> (usize, Vec<Finding>) {
    let looked = tokio::time::timeout(longest, part.look).await;
    let gave_up = |_| {
        let fact = format!("no end within {} s", longest.as_secs());
        let mend =
            "something answers so slowly that it is of no use: look at its load, its log and the network";
        vec![Finding::of(&codes::LOOK_GIVEN_UP, &part.name, fact, mend)]
    };
    (at, looked.unwrap_or_else(gave_up))
}

fn waited_for(waiting: &[&str], all: usize) -> String {
    let some: Vec<&str> = waiting.iter().take(3).copied().collect();
    let more = if waiting.len() > some.len() { ", …" } else { "" };
    format!(
        "{} of {all} looked at; waiting for {}{more}",
        all - waiting.len(),
        some.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_part_that_never_ends_is_given_up_and_holds_up_nothing() {
        let never = Part::new("never", std::future::pending());
        let soon = Part::new("soon", async { vec![Finding::ok("soon", "here")] });
        let mut screen = Screen::of_process();
        let found = within(Duration::from_millis(200), vec![never, soon], &mut screen).await;
        let told: Vec<&str> = found.iter().map(|finding| finding.code).collect();
        assert_eq!(told, ["LOOK_GIVEN_UP", ""], "in the order of the parts");
    }

    #[test]
    fn the_progress_names_who_is_waited_for() {
        assert_eq!(waited_for(&["a", "b"], 5), "3 of 5 looked at; waiting for a, b");
        assert_eq!(
            waited_for(&["a", "b", "c", "d"], 4),
            "0 of 4 looked at; waiting for a, b, c, …"
        );
    }
}
