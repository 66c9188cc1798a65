//! What those who run the server do to the accounts of other people.

pub mod keys;
mod must_change;
mod realm;
mod sessions;

use mereau::base::names::{RealmId, Username};
use mereau::flows::breach::{ByAgent, Meant, Whom, whom};

use crate::house::House;

const BY: ByAgent<'static> = ByAgent {
    name: "astreinte-2",
    reason: "poste volé, dossier 114",
    method: "command",
};

async fn asked(house: &House, login: &str, realm: Option<&str>) -> Whom {
    let realm = realm.map(|realm| RealmId::new(realm).unwrap());
    let login = Username::typed(login).unwrap();
    whom(&house.app.catalogue(), &login, realm.as_ref())
        .await
        .unwrap()
}

async fn one(house: &House, login: &str, realm: &str) -> Meant {
    match asked(house, login, Some(realm)).await {
        Whom::One(meant) => *meant,
        other => panic!("{other:?}"),
    }
}
