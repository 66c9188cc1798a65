//! Whatever bytes a file holds, the loader answers with problems, never with a panic.

use proptest::prelude::*;

use super::files::{Folder, INSTITUTIONS, REALM, SERVER, SERVICE};

/// Cuts, doubles and overwrites pieces of a good file: closer to real mistakes than noise.
fn mangled(text: &'static str) -> impl Strategy<Value = Vec<u8>> {
    let cut = (0..text.len(), 0..text.len(), any::<Vec<u8>>());
    cut.prop_map(move |(from, to, middle)| {
        let bytes = text.as_bytes();
        let middle = middle.into_iter().take(12).collect::<Vec<u8>>();
        [&bytes[..from], &middle, &bytes[to..]].concat()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn no_bytes_make_the_loader_panic(
        server in mangled(SERVER),
        realm in mangled(REALM),
        institutions in mangled(INSTITUTIONS),
        service in mangled(SERVICE),
        noise in any::<Vec<u8>>(),
    ) {
        let folder = Folder::good();
        folder.write("server.toml", server);
        folder.write("realms/univ.toml", realm);
        folder.write("institutions.toml", institutions);
        folder.write("services/moodle.toml", service);
        folder.write("realms/noise.toml", &noise);
        if let Err(problems) = folder.load() {
            prop_assert!(problems.iter().all(|problem| !problem.to_string().is_empty()));
        }
    }
}
