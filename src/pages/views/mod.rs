//! The pages people see, one struct each: what a template may say, and samples of every state it can
//! be in. The structs are filled by http; nothing here decides.

pub mod accessibility;
pub mod account;
pub mod accounts;
pub mod browse;
pub mod captcha;
pub mod delegation;
pub mod help;
pub mod login;
pub mod my_account;
pub mod my_links;
pub mod new_password;
pub mod outbox;
pub mod picker;
pub mod recover;
pub mod reset_link;
pub mod services;
pub mod session;
pub mod trouble;
pub mod waiting;
pub mod welcome;
pub mod who;

use minijinja::Value;
use serde::Serialize;

use crate::base::clock::Timestamp;

/// A page: its template and what the template is given, as `page`.
pub trait Page: Serialize + Sized {
    /// The template is `pages/{NAME}.html`.
    const NAME: &'static str;

    /// Every state of the page, named; together they use every text and every branch.
    fn samples() -> Vec<(&'static str, Self)>;

    /// The values that belong to one person or one moment, where all that our templates do with them is to see
    /// whether they are there and to write them: the page without them is worth remembering. `None`: it is not.
    fn passing(&mut self) -> Option<Vec<&mut String>> {
        None
    }

    /// Our own addresses that repeat which application is asked for: it passes in them, too.
    fn addresses(&mut self) -> Vec<&mut String> {
        Vec::new()
    }
}

/// A sample with its type forgotten.
pub struct Sample {
    pub page: &'static str,
    pub state: &'static str,
    pub context: Value,
}

/// Every sample of every page.
pub fn every_sample() -> Vec<Sample> {
    let mut all = Vec::new();
    add::<login::Login>(&mut all);
    add::<session::SignedIn>(&mut all);
    add::<session::SignedOut>(&mut all);
    add::<session::SignOut>(&mut all);
    add::<session::Warning>(&mut all);
    add::<session::PasswordEnding>(&mut all);
    add::<services::UnknownService>(&mut all);
    add::<services::AccessDenied>(&mut all);
    add::<account::AccountClosed>(&mut all);
    add::<picker::Picker>(&mut all);
    add::<browse::Browse>(&mut all);
    add::<captcha::CaptchaAlone>(&mut all);
    add::<welcome::Welcome>(&mut all);
    add::<accessibility::AccessibilityStatement>(&mut all);
    add::<accounts::Accounts>(&mut all);
    add::<delegation::DelegationFailed>(&mut all);
    add::<delegation::ChooseAccount>(&mut all);
    add::<recover::Recover>(&mut all);
    add::<recover::RecoverSent>(&mut all);
    add::<recover::RecoverCode>(&mut all);
    add::<who::RecoverWho>(&mut all);
    add::<new_password::NewPassword>(&mut all);
    add::<new_password::PasswordSaved>(&mut all);
    add::<reset_link::DeadLink>(&mut all);
    add::<reset_link::Revoke>(&mut all);
    add::<reset_link::Revoked>(&mut all);
    add::<my_links::NotMeLink>(&mut all);
    add::<my_account::MyAccount>(&mut all);
    add::<my_account::GiveProof>(&mut all);
    add::<my_account::MyPassword>(&mut all);
    add::<my_account::NewAddress>(&mut all);
    add::<my_account::RemoveAddress>(&mut all);
    add::<my_links::ConfirmLink>(&mut all);
    add::<my_links::UndoLink>(&mut all);
    add::<help::Help>(&mut all);
    add::<outbox::DemoOutbox>(&mut all);
    add::<delegation::Onward>(&mut all);
    add::<session::Delivery>(&mut all);
    add::<trouble::Trouble>(&mut all);
    all
}

fn add<P: Page>(all: &mut Vec<Sample>) {
    all.extend(P::samples().into_iter().map(|(state, page)| Sample {
        page: P::NAME,
        state,
        context: Value::from(minijinja::value::Serde(page)),
    }));
}

/// 30 September 2026, 10:41:20 in Paris: the moment of samples.
pub(super) const SAMPLE_MOMENT: Timestamp = Timestamp(1_790_757_680_000);

/// A service address with what a careless template would spoil.
const SAMPLE_SERVICE: &str = "https://notes.valmont.example/cas?next=%2Fa&x=\"><script>alert(1)</script>";
