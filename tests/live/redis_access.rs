//! How the ticket store gets to Redis: TLS with an authority of one's own, passwords, a socket.

use mereau::base::secret::Secret;
use mereau::tickets::redis::RedisOptions;
use mereau::tickets::{StoreError, TicketStore};

use crate::support::certificates::Authority;
use crate::support::child::folder;
use crate::support::redis::Redis;
use crate::support::wait::until_async;
use crate::tickets_redis::OnRedis;

async fn ping(options: RedisOptions) -> Result<(), StoreError> {
    OnRedis::strictly(options, Vec::new()).store.ping().await
}

/// Asks until the machine is quick enough for the default deadline.
async fn works(options: RedisOptions) {
    until_async("an answer", || {
        let options = options.clone();
        async move { ping(options).await.ok() }
    })
    .await;
}

/// What a store says that never gets through, beyond what a slow machine adds.
async fn refusal(options: RedisOptions) -> String {
    until_async("a refusal", || {
        let options = options.clone();
        async move {
            match ping(options).await {
                Err(StoreError::TimedOut { .. }) => None,
                outcome => Some(outcome.expect_err("no way in").to_string()),
            }
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_over_tls_is_trusted_only_under_the_authority_one_names() {
    // T-52
    let authority = Authority::new();
    let redis = Redis::start_with_tls(&authority, &[]);
    let trusting = |pem: &str| RedisOptions {
        authorities: Some(pem.as_bytes().to_vec()),
        ..RedisOptions::at(&redis.tls_url())
    };
    works(trusting(authority.pem())).await;
    let stranger = Authority::new();
    let said = refusal(trusting(stranger.pem())).await;
    assert!(
        said.contains("UnknownIssuer") || said.contains("BadSignature"),
        "{said}"
    );
    let said = refusal(RedisOptions::at(&redis.tls_url())).await;
    assert!(said.contains("UnknownIssuer"), "{said}");
    let elsewhere = trusting(authority.pem());
    let named = RedisOptions {
        url: redis.tls_url().replace("localhost", "127.0.0.2"),
        ..elsewhere
    };
    let said = refusal(named).await;
    assert!(
        said.contains("not valid for name") || said.contains("refused"),
        "{said}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_wants_its_password_and_the_right_one() {
    // SEC-27
    let redis = Redis::start(&["--requirepass", "l'école est finie"]);
    let with = |password: &str| RedisOptions {
        password: Some(Secret::new(password.to_owned())),
        ..RedisOptions::at(&redis.url())
    };
    works(with("l'école est finie")).await;
    let said = refusal(with("wrong-canary")).await;
    assert!(said.contains("WRONGPASS") && !said.contains("canary"), "{said}");
    let said = refusal(RedisOptions::at(&redis.url())).await;
    assert!(said.contains("NOAUTH") || said.contains("uthentic"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_is_reached_through_its_socket() {
    // SEC-27
    let socket = folder("socket").join("redis.sock");
    let path = socket.display().to_string();
    let _redis = Redis::start(&["--unixsocket", &path]);
    works(RedisOptions::at(&format!("redis+unix://{path}"))).await;
}
