//! `mereau people must-change`: whom the operator means, a list that leads back, the mark of each in the
//! directory at a bounded rate, and what became of them. What is cut off is run again: who must change already
//! is left out, but for sessions that the run before did not come to.

mod lists;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::time::{Interval, MissedTickBehavior, interval};

use super::arguments::MustChangeArguments;
use super::assemble::Assembled;
use super::print::Screen;
use super::recovery::{check_reason, finish, login_of, os_user};
use super::sessions::{filter_of, fit, opened, realm_of};
use super::{Outcome, check, serve};
use crate::base::clock::Timestamp;
use crate::base::findings::one_line;
use crate::base::names::{AccountId, PersonKey, RealmId};
use crate::config::Loaded;
use crate::directory::{Demanded, Filter, Found, Written};
use crate::flows::breach::{ByAgent, Choice, Chosen, Exceptions, choose, demand, lift, sign_out};
use lists::{Report, UndoList};

pub fn must_change(arguments: &MustChangeArguments, screen: &mut Screen) -> anyhow::Result<Outcome> {
    let Some(Loaded { settings, .. }) = check::load(&arguments.from.config, screen) else {
        return Ok(Outcome::Bad);
    };
    check_reason(&arguments.act.reason)?;
    fit(&settings)?;
    let agent = arguments.act.agent.clone().unwrap_or_else(os_user);
    serve::runtime()?.block_on(async {
        let server = opened(settings).await?;
        let run = Run {
            realm: realm_of(&server.app.catalogue(), &arguments.realm)?,
            by: ByAgent {
                name: &agent,
                reason: arguments.act.reason.trim(),
                method: "command",
            },
            server: &server,
            arguments,
        };
        if server.app.catalogue().directory(&run.realm)?.demand().is_none() {
            bail!(
                "nothing in realm {} makes people choose another password: it needs [directory.write], and for a \
                 file state rules that look at pwdReset or shadowLastChange",
                run.realm
            );
        }
        let outcome = match &arguments.undo {
            Some(list) => run.undo(list, screen).await,
            None => run.mark(screen).await,
        };
        finish(&server, screen).await;
        outcome
    })
}

struct Run<'a> {
    server: &'a Assembled,
    realm: RealmId,
    by: ByAgent<'a>,
    arguments: &'a MustChangeArguments,
}

impl Run<'_> {
    async fn mark(&self, screen: &mut Screen) -> anyhow::Result<Outcome> {
        let chosen = self.chosen(screen).await?;
        let total = chosen.people.len();
        let people = check::people(total);
        for (why, number) in &chosen.left_out {
            screen.print(&format!("left out: {number}, since {why}"));
        }
        if self.arguments.dry_run {
            for one in &chosen.people {
                let (login, entry) = (one_line(&one.login), one_line(&one.entry.to_string()));
                screen.print(&format!("would have to change: {login} ({entry})"));
            }
            screen.print(&format!(
                "{people} of realm {} would have to change; nothing was changed",
                self.realm
            ));
            return Ok(Outcome::Good);
        }
        self.sign_out(&chosen.marked, screen).await?;
        if total == 0 {
            screen.print("nobody is left to be marked; nothing was changed in the directory");
            return Ok(Outcome::Good);
        }
        let path = self.list_path();
        let mut list = UndoList::create(&path)?;
        let mut report = Report::create(&self.report_path(&path))?;
        let (ports, catalogue) = (&self.server.app.ports, self.server.app.catalogue());
        let (mut pace, mut good, mut sessions) = (self.pace(), 0, 0);
        for (number, one) in chosen.people.iter().enumerate() {
            pace.tick().await;
            // Before the mark: nobody is marked whom the list does not lead back.
            list.add(one)?;
            let marked = demand(ports, &catalogue, &one.account, &self.by).await;
            let marked = marked.with_context(|| {
                let path = path.display();
                format!(
                    "stopped at {}, after {number} of {total}: run it again; the way back is in {path}",
                    one_line(&one.login)
                )
            })?;
            good += usize::from(matches!(marked.demanded, Demanded::Done | Demanded::Already));
            sessions += marked.sessions;
            report.add(one, word(marked.demanded), (marked.sessions, marked.told))?;
            screen.progress(&format!("{} of {total} marked", number + 1));
        }
        screen.settle();
        screen.print(&format!(
            "{good} of {people} must choose another password at the next sign-in; {sessions} of their sessions ended. \
             The way back: --undo {}. What became of each: {}",
            path.display(),
            self.report_path(&path).display()
        ));
        Ok(if good == total {
            Outcome::Good
        } else {
            Outcome::Bad
        })
    }

    /// Of those who were marked before: the mark comes before the end of the sessions, and a run may have been
    /// cut off in between.
    async fn sign_out(&self, marked: &[AccountId], screen: &mut Screen) -> anyhow::Result<()> {
        let (ports, catalogue) = (&self.server.app.ports, self.server.app.catalogue());
        let (mut pace, mut sessions, total) = (self.pace(), 0, marked.len());
        for (number, account) in marked.iter().enumerate() {
            pace.tick().await;
            let ended = sign_out(ports, &catalogue, account, &self.by).await;
            let (ended, _) = ended.with_context(|| {
                format!(
                    "stopped after the sessions of {number} of {total} who must change already: run it again"
                )
            })?;
            sessions += ended;
            screen.progress(&format!("sessions of {} of {total} marked before", number + 1));
        }
        screen.settle();
        if sessions > 0 {
            let sessions = check::count(usize::try_from(sessions).unwrap_or(usize::MAX), "session");
            screen.print(&format!("ended: {sessions} of people who must change already"));
        }
        Ok(())
    }

    async fn undo(&self, list: &Path, screen: &mut Screen) -> anyhow::Result<Outcome> {
        let people = UndoList::read(list)?;
        let total = people.len();
        if let Some(other) = people.iter().find(|one| one.account.realm != self.realm) {
            bail!("{} holds people of realm {}", list.display(), other.account.realm);
        }
        if self.arguments.dry_run {
            screen.print(&format!("{total} on the list; nothing was changed"));
            return Ok(Outcome::Good);
        }
        let mut report = Report::create(&self.report_path(&list.with_extension("undone.csv")))?;
        let (ports, catalogue) = (&self.server.app.ports, self.server.app.catalogue());
        let (mut pace, mut back, mut moved, mut wrong) = (self.pace(), 0, 0, 0);
        for (number, one) in people.iter().enumerate() {
            pace.tick().await;
            let wish = (&one.account, one.before.as_slice());
            let written = lift(ports, &catalogue, wish, &self.by).await;
            let written = written.with_context(|| {
                format!(
                    "stopped at {}, after {number} of {total}: run it again",
                    one_line(&one.login)
                )
            })?;
            let word = match written {
                Written::Done => "taken back",
                Written::Moved => "nothing to take back",
                Written::Gone => "gone",
                Written::NotAllowed => "not allowed",
                Written::Invalid => "refused by the schema",
            };
            match written {
                Written::Done => back += 1,
                Written::Moved | Written::Gone => moved += 1,
                Written::NotAllowed | Written::Invalid => wrong += 1,
            }
            report.add(one, word, (0, 0))?;
            screen.progress(&format!("{} of {total} looked at", number + 1));
        }
        screen.settle();
        screen.print(&format!(
            "{back} of {total} need not choose another password any more; of {moved} there was nothing to take back, \
             {wrong} were refused. Sessions that ended do not come back."
        ));
        Ok(if wrong == 0 { Outcome::Good } else { Outcome::Bad })
    }

    async fn chosen(&self, screen: &mut Screen) -> anyhow::Result<Chosen> {
        let arguments = self.arguments;
        let only = match &arguments.logins {
            None => None,
            Some(file) => Some(self.keys_of(file, screen).await?),
        };
        let exceptions = match &arguments.except_logins {
            None => HashSet::new(),
            Some(file) => self.keys_of(file, screen).await?,
        };
        let choice = Choice {
            filter: arguments.filter.as_deref().map(filter_of).transpose()?,
            only,
            except: Exceptions {
                filter: arguments.except_filter.as_deref().map(filter_of).transpose()?,
                never_activated: arguments.except_never_activated,
                changed_since: arguments
                    .except_changed_since
                    .as_deref()
                    .map(moment)
                    .transpose()?,
                delegated: self.delegated()?,
                people: exceptions,
            },
        };
        let catalogue = self.server.app.catalogue();
        choose(&catalogue, &self.realm, &choice)
            .await
            .context("people cannot be looked up; nothing was changed")
    }

    fn delegated(&self) -> anyhow::Result<Option<Filter>> {
        if !self.arguments.except_delegated_only {
            return Ok(None);
        }
        let catalogue = self.server.app.catalogue();
        let settings = catalogue.recovery.get(&self.realm);
        let filter = settings.and_then(|settings| settings.eligible.federated.clone());
        filter.map(Some).context(
            "--except-delegated-only goes by “federated” of [recovery], which this realm does not say; write \
             --except-filter instead",
        )
    }

    /// The people of a file of logins. One that means nobody, or several, stops it: what is left out unseen
    /// on such a day is found out by who did it.
    async fn keys_of(&self, file: &Path, screen: &mut Screen) -> anyhow::Result<HashSet<PersonKey>> {
        let catalogue = self.server.app.catalogue();
        let directory = catalogue.directory(&self.realm)?;
        let logins = lists::logins(file)?;
        let (mut keys, mut wrong) = (HashSet::new(), 0);
        for (number, typed) in logins.iter().enumerate() {
            match directory.find(&login_of(typed)?).await? {
                Found::One(person) => {
                    keys.insert(person.key);
                }
                Found::Nobody => {
                    wrong += 1;
                    screen.complain(&format!(
                        "{}: nobody has the login {}",
                        file.display(),
                        one_line(typed)
                    ));
                }
                Found::Ambiguous(_) => {
                    wrong += 1;
                    screen.complain(&format!(
                        "{}: several have the login {}",
                        file.display(),
                        one_line(typed)
                    ));
                }
            }
            if number % 100 == 0 {
                screen.progress(&format!("{number} of {} logins looked up", logins.len()));
            }
        }
        screen.settle();
        match wrong {
            0 => Ok(keys),
            wrong => bail!(
                "{} of {} mean no one person; mend the file. Nothing was changed",
                check::count(wrong, "login"),
                file.display()
            ),
        }
    }

    fn pace(&self) -> Interval {
        let mut pace = interval(Duration::from_secs(1) / self.arguments.rate.max(1));
        pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
        pace
    }

    fn list_path(&self) -> PathBuf {
        match &self.arguments.list {
            Some(path) => path.clone(),
            None => {
                let now = self.server.app.ports.clock.now().to_rfc3339();
                let now: String = now.chars().filter(|c| c.is_ascii_alphanumeric()).collect();
                PathBuf::from(format!("must-change-{}-{now}.csv", self.realm))
            }
        }
    }

    fn report_path(&self, list: &Path) -> PathBuf {
        let own = self.arguments.report.clone();
        own.unwrap_or_else(|| list.with_extension("report.csv"))
    }
}

fn word(demanded: Demanded) -> &'static str {
    match demanded {
        Demanded::Done => "marked",
        Demanded::Already => "was marked",
        Demanded::Gone => "gone",
        Demanded::NotAllowed => "not allowed",
        Demanded::Invalid => "refused by the schema",
    }
}

/// A day, which begins at midnight UTC, or a moment.
fn moment(typed: &str) -> anyhow::Result<Timestamp> {
    let whole = match typed.contains('T') {
        true => typed.to_owned(),
        false => format!("{typed}T00:00:00Z"),
    };
    let instant: jiff::Timestamp = whole
        .parse()
        .with_context(|| format!("{typed} is no day (2026-11-27) and no moment (2026-11-27T08:00:00Z)"))?;
    let millis = u64::try_from(instant.as_millisecond());
    Ok(Timestamp(
        millis.with_context(|| format!("{typed} is before 1970"))?,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight_utc_and_a_moment_is_one() {
        assert_eq!(moment("1970-01-02").unwrap(), Timestamp(86_400_000));
        assert_eq!(moment("1970-01-01T01:00:00+01:00").unwrap(), Timestamp(0));
        for wrong in ["", "27/11/2026", "hier", "1969-01-01"] {
            assert!(moment(wrong).is_err(), "{wrong}");
        }
    }
}
