//! One ticket, brought to two nodes at once by many.

use futures_util::future::join_all;

use crate::support::application::Application;
use crate::support::browser::Browser;
use crate::support::redis::Redis;
use crate::support::served::{Options, Served, service};
use crate::support::slapd::{self, Slapd};

const TRIES: usize = 200;

#[tokio::test]
async fn of_two_hundred_validations_of_one_ticket_on_two_nodes_one_succeeds() {
    // CAS-106
    let slapd = Slapd::start(&slapd::Options::default());
    let redis = Redis::start(&[]);
    let tickets = redis.url();
    let application = Application::plain();
    let url = format!("{}/", application.url());
    let services = [("application", service(&application.url(), ""))];
    let options = Options {
        services: &services,
        ..Options::on(&slapd, &tickets)
    };
    let one = Served::start(&options);
    let two = Served::beside(&one, &options);
    let mut browser = Browser::new(None);
    let login = one.address("/login", &[("service", &url)]);
    let page = browser.open(&login).await;
    browser
        .sign_in(&page, "camille.dupont", "camille-corbeau-7")
        .await;
    for paths in [
        ["/serviceValidate", "/p3/proxyValidate"],
        ["/validate", "/validate"],
    ] {
        let ticket = browser.get(&login).await.reply.ticket();
        let asked = [("service", url.as_str()), ("ticket", &ticket)];
        let addresses = [one.address(paths[0], &asked), two.address(paths[1], &asked)];
        let tries = addresses.iter().cycle().take(TRIES).map(|address| async move {
            let answer = Browser::new(None).get(address).await.reply;
            assert_eq!(answer.status, 200);
            answer.body
        });
        let answers = join_all(tries).await;
        let is_success = |body: &&String| body.contains("authenticationSuccess") || body.starts_with("yes\n");
        let is_refusal = |body: &&String| body.contains("INVALID_TICKET") || body.starts_with("no\n");
        assert_eq!(answers.iter().filter(is_success).count(), 1);
        assert_eq!(answers.iter().filter(is_refusal).count(), TRIES - 1);
    }
}
