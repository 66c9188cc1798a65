//! Méreau mounted in a hyper server that is not ours, by its public constructor.

use std::net::Ipv4Addr;

use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::cli::process::demo_folder;
use crate::cli::web::Browser;

#[path = "../../examples/embed.rs"]
mod example;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_server_keeps_its_pages_and_people_sign_in_below_its_path() {
    let folder = demo_folder();
    let path = folder.path().join("server.toml");
    let Ok(loaded) = mereau::config::load(&path, &|_| None) else {
        panic!("the folder is good")
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(example::serve(listener, loaded.settings, async {
        _ = stopped.await;
    }));
    let clicks = tokio::task::spawn_blocking(move || {
        let mut browser = Browser::default();
        assert!(browser.get(port, "/").body.contains("Portail"));
        assert!(browser.get(port, "/castle").body.contains("Portail"));
        let page = browser.get(port, "/cas/t/valmore/login");
        let signed_in = browser.sign_in(port, &page, "camille.durand", crate::cli::demo::PASSWORD);
        assert!(signed_in.status < 400, "{}", signed_in.body);
        let again = browser.get(port, "/cas/t/valmore/login");
        assert!(again.body.contains("Camille Durand"), "{}", again.body);
    });
    clicks.await.unwrap();
    stop.send(()).unwrap();
    serving.await.unwrap().unwrap();
}
