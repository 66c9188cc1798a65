//! `/discover/departments`: départements, the towns of one (`?department=77`), the institutions of a
//! town (`&town=melun`). Plain pages for those who would rather look than type.

use http::StatusCode;

use super::{Goal, PAGE, Trip, leaf, page_number};
use crate::base::fold::folded;
use crate::http::answer::{Answer, login_page};
use crate::http::visit::Visit;
use crate::pages::views::browse::{Browse, Group, Place, Step};
use crate::pages::views::picker::OutcomeKind;
use crate::realms::{Departement, Town};

/// What stands for institutions of no département, or of no known town.
const NONE: &str = "-";
/// From this many towns on they are grouped by their first letter.
const GROUPED_FROM: usize = 12;

pub async fn show(visit: Visit) -> Answer {
    let trip = match Trip::read(&visit, Goal::SignIn) {
        Ok(trip) => trip,
        Err(answer) => return *answer,
    };
    visit.searchable().await;
    let asked = |name| visit.params.first(name).ok().flatten();
    let content = match (asked("department").map(department), asked("town")) {
        (Some(Some(department)), Some(town)) => of_town(&trip, department, town),
        (Some(Some(department)), None) => towns(&trip, department),
        _ => departments(&trip),
    };
    login_page(&visit, StatusCode::OK, &content, &visit.frame(None))
}

/// `Some(None)` is the place of those that have none.
fn department(text: &str) -> Option<Option<Departement>> {
    match text {
        NONE => Some(None),
        code => Departement::new(code).map(Some),
    }
}

fn blank(trip: &Trip<'_>) -> Browse {
    Browse {
        service_name: trip.service_name(),
        way: trip.way(),
        picker: trip.picker_url(None),
        department: None,
        town: None,
        groups: Vec::new(),
        outcome: None,
    }
}

fn departments(trip: &Trip<'_>) -> Browse {
    let all = trip.shelf().departements().into_iter();
    let places: Vec<Place> = all
        .map(|(department, count)| Place {
            code: department.map(|one| one.code().to_owned()),
            name: department.map(|one| one.name().to_owned()),
            count: count as u64,
            url: trip.browse_url(&[step(department)]),
        })
        .collect();
    let group = Group {
        heading: None,
        places,
    };
    Browse {
        groups: Some(group)
            .filter(|group| !group.places.is_empty())
            .into_iter()
            .collect(),
        ..blank(trip)
    }
}

fn towns(trip: &Trip<'_>, department: Option<Departement>) -> Browse {
    let towns = trip.shelf().towns(department);
    let grouped = towns.len() >= GROUPED_FROM;
    let mut groups: Vec<Group> = Vec::new();
    for town in &towns {
        let heading = grouped.then(|| initial(town.name));
        let place = of(trip, department, town);
        match groups.last_mut() {
            Some(group) if group.heading == heading => group.places.push(place),
            _ => groups.push(Group {
                heading,
                places: vec![place],
            }),
        }
    }
    Browse {
        department: Some(way_back(trip, department)),
        groups,
        ..blank(trip)
    }
}

fn of(trip: &Trip<'_>, department: Option<Departement>, town: &Town<'_>) -> Place {
    let key = if town.key.is_empty() { NONE } else { town.key };
    Place {
        code: None,
        name: (!town.name.is_empty()).then(|| town.name.to_owned()),
        count: town.count as u64,
        url: trip.browse_url(&[step(department), ("town", key.to_owned())]),
    }
}

fn of_town(trip: &Trip<'_>, department: Option<Departement>, asked: &str) -> Browse {
    let town = if asked == NONE { "" } else { asked };
    let all = trip.shelf().of_town(department, town);
    let name = all.first().and_then(|one| one.town.as_deref()).map(str::to_owned);
    let number = page_number(trip.visit);
    let shown = all.get((number - 1) * PAGE..).unwrap_or_default();
    let shown = shown.get(..PAGE).unwrap_or(shown);
    let url = |number: usize| {
        let page = ("page", number.to_string());
        trip.browse_url(&[step(department), ("town", asked.to_owned()), page])
    };
    let outcome = leaf(trip, OutcomeKind::Found, (all.len(), number), shown, url);
    let url = trip.browse_url(&[step(department), ("town", asked.to_owned())]);
    Browse {
        department: Some(way_back(trip, department)),
        town: Some(Step { name, url }),
        outcome: Some(outcome),
        ..blank(trip)
    }
}

fn step(department: Option<Departement>) -> (&'static str, String) {
    (
        "department",
        department.map_or(NONE, Departement::code).to_owned(),
    )
}

fn way_back(trip: &Trip<'_>, department: Option<Departement>) -> Step {
    Step {
        name: department.map(|one| one.name().to_owned()),
        url: trip.browse_url(&[step(department)]),
    }
}

/// `É` → `E`; what begins with no letter shares `0–9`.
fn initial(name: &str) -> String {
    match folded(name).chars().next() {
        Some(first) if first.is_alphabetic() => first.to_uppercase().collect(),
        _ => "0–9".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn towns_stand_under_their_first_letter_without_its_accent() {
        let letters = ["Évry", "évron", "Melun", "5e arrondissement", ""].map(initial);
        assert_eq!(letters, ["E", "E", "M", "0–9", "0–9"]);
    }
}
