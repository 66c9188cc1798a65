//! Ticket after ticket, each shown by eight connections to three nodes at once.

use futures_util::future::join_all;

use crate::support::application::Application;
use crate::support::browser::Browser;
use crate::support::redis::Redis;
use crate::support::served::{Options, Served, service};
use crate::support::slapd::{self, Slapd};

/// The load kit does it a thousand times.
const TICKETS: usize = 200;
const CONNECTIONS: usize = 8;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_of_two_hundred_tickets_that_eight_show_to_three_nodes_at_once_is_taken_once() {
    // CAS-106
    let slapd = Slapd::start(&slapd::Options::default());
    let redis = Redis::start(&[]);
    let tickets = redis.url();
    let application = Application::plain();
    let services = [("application", service(&application.url(), ""))];
    let options = Options {
        services: &services,
        ..Options::on(&slapd, &tickets)
    };
    let one = Served::start(&options);
    let nodes = [
        Served::beside(&one, &options),
        Served::beside(&one, &options),
        one,
    ];
    let mut browser = Browser::new(None);
    let page = browser.open(&nodes[0].address("/login", &[])).await;
    browser
        .sign_in(&page, "camille.dupont", "camille-corbeau-7")
        .await;
    for number in 0..TICKETS {
        // A service of its own each time: the same one so often would be a loop.
        let url = format!("{}/{number}", application.url());
        let node = &nodes[number % nodes.len()];
        let login = node.address("/login", &[("service", &url)]);
        let ticket = browser.get(&login).await.reply.ticket();
        let shown = (0..CONNECTIONS).map(|connection| {
            let asked = [("service", url.as_str()), ("ticket", &ticket)];
            let address = nodes[connection % nodes.len()].address("/serviceValidate", &asked);
            tokio::spawn(async move { Browser::new(None).get(&address).await.reply.body })
        });
        let answers: Vec<String> = join_all(shown).await.into_iter().map(Result::unwrap).collect();
        let of = |word: &str| answers.iter().filter(|answer| answer.contains(word)).count();
        let outcome = (of("authenticationSuccess"), of("INVALID_TICKET"));
        assert_eq!(outcome, (1, CONNECTIONS - 1), "{number}: {answers:?}");
    }
}
