//! Which of several open sessions to use (experience §4.2).

use serde::Serialize;

use super::Page;

#[derive(Debug, Clone, Serialize)]
pub struct Accounts {
    /// The application the person is on the way to, when it is registered.
    pub service_name: Option<String>,
    pub accounts: Vec<Account>,
    /// Where to sign in at yet another institution.
    pub other: String,
}

/// One session of this browser.
#[derive(Debug, Clone, Serialize)]
pub struct Account {
    pub name: String,
    pub login: String,
    pub institution: String,
    /// Goes on with it.
    pub url: String,
}

impl Page for Accounts {
    const NAME: &'static str = "accounts";

    fn samples() -> Vec<(&'static str, Accounts)> {
        let account = |name: &str, login: &str, institution: &str, tenant: &str| Account {
            name: name.to_owned(),
            login: login.to_owned(),
            institution: institution.to_owned(),
            url: format!("/cas/login?tenant={tenant}"),
        };
        let accounts = vec![
            account(
                "Camille Dupont",
                "c.dupont",
                "Université de Valmont-sur-Brenne",
                "valmont",
            ),
            account(
                "Camille Dupont",
                "camille.dupont",
                "Lycée Jeanne-Barret",
                "barret",
            ),
        ];
        let page = |service: Option<&str>| Accounts {
            service_name: service.map(str::to_owned),
            accounts: accounts.clone(),
            other: "/cas/discover".to_owned(),
        };
        vec![("plain", page(None)), ("service", page(Some("Carnet de notes")))]
    }
}
