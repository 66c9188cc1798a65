//! The throttle's guard alone, without pages and hashes, so that whole lists of names and addresses fit a test:
//! ten thousand of them, and a school's morning behind one address.

use std::net::IpAddr;
use std::time::Duration;

use mereau::base::names::{AccountId, PersonKey, RealmId, Username};
use mereau::guard::{Asked, SignInGuard, Visitor};
use mereau::tickets::Settlement;

use crate::house::{House, campus, quick};

struct Network<'a> {
    house: &'a House,
    guard: SignInGuard,
    address: IpAddr,
}

/// How a try is made.
#[derive(Clone, Copy, PartialEq)]
enum By {
    /// It does not look at what it is asked.
    Program,
    /// Through the page: where a challenge stands the password is not tried, and nobody answers it.
    Form,
}

impl Network<'_> {
    async fn is_challenged(&self) -> bool {
        self.guard.sprays_from(self.address).await.unwrap()
    }

    /// Whether the password would have reached the directory.
    async fn try_once(&self, by: By, login: &str, right: bool) -> bool {
        if by == By::Form && self.is_challenged().await {
            return false;
        }
        let realm = RealmId::new("campus").unwrap();
        let name = Username::typed(login).unwrap();
        let visitor = Visitor {
            realm: &realm,
            name: &name,
            address: self.address,
            device: None,
            directory_lock: None,
        };
        let Asked::Go(permit) = self.guard.ask(&visitor).await.unwrap() else {
            return false;
        };
        let account = AccountId {
            realm: realm.clone(),
            person: PersonKey(login.to_owned()),
        };
        let asked = self.guard.ask_account(permit, &account, &visitor).await.unwrap();
        let Asked::Go(permit) = asked else { return false };
        let settlement = if right {
            Settlement::Succeeded
        } else {
            Settlement::Failed
        };
        self.guard.settle(permit, settlement).await.unwrap();
        true
    }

    /// One wrong password for each of these names, a hundred names a second; how many were tried.
    async fn sprays(&self, by: By, names: u32) -> usize {
        let mut reached = 0;
        for name in 0..names {
            reached += usize::from(self.try_once(by, &format!("victim{name:05}"), false).await);
            self.house.clock.advance(Duration::from_millis(10));
        }
        reached
    }

    /// A pupil signs in; 9 % type it wrong once, as was measured at The New School. Whether nobody was refused.
    async fn pupil(&self, number: u32) -> bool {
        let login = format!("pupil{number}");
        let mistyped = !number.is_multiple_of(11) || self.try_once(By::Form, &login, false).await;
        mistyped && self.try_once(By::Form, &login, true).await
    }
}

fn network(house: &House) -> Network<'_> {
    let ports = &house.app.ports;
    let guard = SignInGuard::new(
        house.store.clone(),
        ports.keys.clone(),
        ports.entropy.clone(),
        quick(),
    );
    Network {
        house,
        guard,
        address: IpAddr::from([203, 0, 113, 5]),
    }
}

#[tokio::test]
async fn ten_thousand_addresses_guess_at_one_account_no_faster() {
    // T-59
    let house = campus().await;
    let mut network = network(&house);
    let mut reached = 0;
    for number in 0..10_000u32 {
        let [_, _, high, low] = number.to_be_bytes();
        network.address = IpAddr::from([10, 0, high, low]);
        reached += usize::from(network.try_once(By::Form, "camille.dupont", false).await);
        house.clock.advance(Duration::from_millis(360));
    }
    assert!((6..=100).contains(&reached), "{reached} guesses in an hour");
    house.clock.advance(Duration::from_secs(900));
    assert!(
        network.try_once(By::Form, "camille.dupont", true).await,
        "never a lock"
    );
}

#[tokio::test]
async fn one_password_over_ten_thousand_names_is_challenged_within_a_hundred_tries() {
    // T-58
    let house = campus().await;
    let school = network(&house);
    // Before the lessons some sign in.
    for number in 1..20 {
        assert!(school.pupil(number).await);
    }
    let reached = school.sprays(By::Form, 10_000).await;
    assert!((40..=100).contains(&reached), "{reached} tries of ten thousand");
}

#[tokio::test]
async fn one_password_over_ten_thousand_names_is_slowed_to_a_trickle() {
    // T-58
    let house = campus().await;
    let sprayer = network(&house);
    let reached = sprayer.sprays(By::Program, 10_000).await;
    // Fifty before it is noticed, then one a second of a hundred.
    assert!(
        (50..=151).contains(&reached),
        "{reached} guesses in a hundred seconds"
    );
}

#[tokio::test]
async fn a_school_of_three_thousand_behind_one_address_is_let_in() {
    // T-57
    let house = campus().await;
    let school = network(&house);
    for number in 0..3000u32 {
        assert!(school.pupil(number).await, "an innocent pupil was refused");
        house.clock.advance(Duration::from_millis(400));
    }
}

#[tokio::test]
async fn a_school_s_sign_ins_let_seven_failures_pass_for_three_of_them_and_an_account_is_paced_all_the_same()
{
    // T-57, T-58, T-59
    let house = campus().await;
    let school = network(&house);
    let mistyped = 600_usize.div_ceil(11);
    let mut victims = (0..10_000).map(|number| format!("victim{number:05}"));
    // Two tries beside each pupil's own: nearly a third of all goes well, and nobody is asked anything.
    for number in 0..600 {
        assert!(school.pupil(number).await, "an innocent pupil was refused");
        for victim in victims.by_ref().take(2) {
            assert!(school.try_once(By::Form, &victim, false).await);
        }
        house.clock.advance(Duration::from_millis(300));
    }
    // One account is not tried faster from there than from anywhere.
    let mut at_one = 0;
    for _ in 0..100 {
        at_one += usize::from(school.try_once(By::Form, "victim00000", false).await);
    }
    assert_eq!(at_one, 5, "its first failure was counted above");
    // Of whoever goes through the list faster no more pass than seven for three sign-ins, mistyped ones among them.
    let mut more = 0;
    for victim in victims.take(1000) {
        more += usize::from(school.try_once(By::Form, &victim, false).await);
        house.clock.advance(Duration::from_millis(10));
    }
    assert!(school.is_challenged().await);
    assert_eq!(mistyped + 1200 + at_one + more, 600 * 7 / 3 + 1);
}
