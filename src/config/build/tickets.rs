//! Where sessions and tickets are kept.

use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;

use crate::config::problem::{Problems, apart};
use crate::config::secrets::{self, Environment};
use crate::config::sections::{StrictnessWord, TicketsSection};
use crate::config::settings::TicketsSettings;
use crate::config::source::{At, Place};
use crate::tickets::redis::{RedisOptions, RedisProblem, RedisSettings, Strictness};

const STORES: &str = "\"redis://host:6379/0\", \"rediss://…\", \"redis-sentinel://host1,host2/primary\", \
                      \"redis-cluster://host1,host2\", \"embedded:/folder\" or \"memory:\"";

/// Beside the server's file.
const EPOCH_FILE: &str = "tickets.epoch";

pub fn build(
    section: &TicketsSection,
    environment: Environment<'_>,
    problems: &mut Problems,
) -> Option<TicketsSettings> {
    let At { value: url, place } = &section.url;
    if url == "memory:" {
        return Some(TicketsSettings::Memory);
    }
    if let Some(folder) = url.strip_prefix("embedded:") {
        if folder.is_empty() {
            problems.add(place, "this store needs a folder", "\"embedded:/var/lib/mereau\"");
            return None;
        }
        if !cfg!(feature = "embedded-store") {
            problems.add(
                place,
                "this program was built without the embedded store",
                "\"redis://…\" or \"memory:\"; or build it with the feature embedded-store",
            );
            return None;
        }
        return Some(TicketsSettings::Embedded(place.source.resolve(folder.as_ref())));
    }
    let options = options(section, environment, problems)?;
    match RedisSettings::new(options) {
        Ok(settings) => Some(TicketsSettings::Redis(Box::new(settings))),
        Err(found) => {
            for problem in found {
                tell(&problem, section, problems);
            }
            None
        }
    }
}

fn options(
    section: &TicketsSection,
    environment: Environment<'_>,
    problems: &mut Problems,
) -> Option<RedisOptions> {
    let password = secrets::read(
        &section.password_file,
        &section.password_env,
        environment,
        problems,
    );
    let (file, variable) = (&section.sentinel_password_file, &section.sentinel_password_env);
    let sentinel_password = secrets::read(file, variable, environment, problems);
    let authorities = match &section.ca_file.value {
        None => Some(None),
        Some(path) => match fs::read(&path.0) {
            Ok(pem) => Some(Some(pem)),
            Err(error) => {
                let wrong = format!("the file {} cannot be read ({error})", path.0.display());
                problems.add(&section.ca_file.place, wrong, "the path of a PEM file");
                None
            }
        },
    };
    let (epoch_file, epoch) = epoch(section, problems)?;
    Some(RedisOptions {
        username: section.username.value.clone(),
        password: password?,
        sentinel_password: sentinel_password?,
        authorities: authorities?,
        epoch: epoch.max(section.epoch.value),
        epoch_file: Some(epoch_file),
        read_deadline: section.read_deadline.value,
        write_deadline: section.write_deadline.value,
        in_flight: usize::try_from(section.in_flight.value).unwrap_or(usize::MAX),
        eviction: strictness(section.eviction.value),
        persistence: strictness(section.persistence.value),
        replication: strictness(section.replication.value),
        exposure: strictness(section.exposure.value),
        ..RedisOptions::at(&section.url.value)
    })
}

/// The file of the epoch, and what it says: 0 when it is not there.
fn epoch(section: &TicketsSection, problems: &mut Problems) -> Option<(PathBuf, u32)> {
    let At { value, place } = &section.epoch_file;
    let file = match value {
        Some(path) => path.0.clone(),
        None => section.url.place.source.resolve(EPOCH_FILE.as_ref()),
    };
    let shown = file.display();
    let wrong = match fs::read_to_string(&file) {
        Ok(text) => match text.trim().parse() {
            Ok(epoch) => return Some((file, epoch)),
            Err(_) => format!("the file {shown} does not hold one number"),
        },
        Err(error) if error.kind() == ErrorKind::NotFound => return Some((file, 0)),
        Err(error) => format!("the file {shown} cannot be read ({error})"),
    };
    problems.add(
        place,
        wrong,
        "the file of another node, or the highest epoch there ever was and one more",
    );
    None
}

fn tell(problem: &RedisProblem, section: &TicketsSection, problems: &mut Problems) {
    let place: &Place = match problem {
        RedisProblem::AuthoritiesWithoutTls => &section.ca_file.place,
        RedisProblem::BadDeadline => &section.read_deadline.place,
        RedisProblem::BadInFlight => &section.in_flight.place,
        _ => &section.url.place,
    };
    let text = problem.to_string();
    match (problem, apart(&text)) {
        (RedisProblem::UnknownUrl(_), _) => {
            problems.add(place, "this is no ticket store that is known here", STORES);
        }
        (_, (wrong, mend)) => problems.add(place, wrong, mend),
    }
}

fn strictness(word: StrictnessWord) -> Strictness {
    match word {
        StrictnessWord::Ignore => Strictness::Ignore,
        StrictnessWord::Warn => Strictness::Warn,
        StrictnessWord::Refuse => Strictness::Refuse,
    }
}
