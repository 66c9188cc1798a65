//! `[[rest.clients]]` of server.toml.

use mereau::base::key_digest::KeyDigest;

use super::files::Folder;

const CLIENT: &str = r#"
[[rest.clients]]
name = "releves"
key_hash_file = "rest/releves.sha256"
networks = ["10.0.0.12"]
realms = ["univ"]
services = ["moodle"]
"#;

const HASH: &str = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b  -\n";

fn with(client: &str) -> Folder {
    let folder = Folder::good();
    folder.change("server.toml", "[tickets]", &format!("{client}\n[tickets]"));
    folder.write("rest/releves.sha256", HASH);
    folder
}

#[test]
fn there_is_no_program_unless_one_is_listed() {
    // CAS-227, CAS-235
    let loaded = Folder::good().loaded();
    assert!(loaded.settings.rest.is_empty());
    let folder = with(CLIENT);
    let loaded = folder.loaded();
    let [program] = loaded.settings.rest.as_slice() else {
        panic!("one program")
    };
    assert_eq!(program.key, KeyDigest::of("secret"));
    assert_eq!((program.a_minute, program.for_browsers), (60, false));
    assert_eq!(program.services[0].as_str(), "moodle");
}

#[test]
fn what_is_wrong_with_a_program_is_told_with_file_line_and_mend() {
    // CAS-235
    for (from, to, wrong) in [
        (
            "name = \"releves\"",
            "name = \"Relevés\"",
            "this is not a short name",
        ),
        ("[\"10.0.0.12\"]", "[]", "a program calls from somewhere"),
        ("[\"univ\"]", "[]", "a program signs in somebody's people"),
        ("[\"univ\"]", "[\"nowhere\"]", "there is no realm nowhere"),
        ("[\"moodle\"]", "[\"none\"]", "there is no service none"),
        (
            "key_hash_file = \"rest/releves.sha256\"",
            "",
            "a program needs a key to be known by",
        ),
        (
            "key_hash_file = \"rest/releves.sha256\"",
            "key_hash_env = \"MEREAU_TEST_PASSWORD\"",
            "this does not hold the SHA-256 of a key",
        ),
        ("releves.sha256", "absent.sha256", "does not exist"),
        (
            "services = ",
            "requests_a_minute = 0\nservices = ",
            "0 is out of bounds",
        ),
        ("services = ", "password = \"x\"\nservices = ", "password"),
    ] {
        assert!(CLIENT.contains(from));
        let problems = with(&CLIENT.replace(from, to)).problems();
        assert!(problems.contains(wrong), "{to}: {problems}");
        assert!(problems.contains("server.toml:"), "{problems}");
        assert!(!problems.contains("canary-7Hq2"), "{problems}");
    }
    let twice = with(&format!("{CLIENT}{CLIENT}")).problems();
    assert!(twice.contains("two programs have this name"), "{twice}");
    let open = with(CLIENT);
    open.mode("rest/releves.sha256", 0o644);
    assert!(open.problems().contains("others may read the file"));
    let wide = with(&CLIENT.replace("10.0.0.12", "0.0.0.0/0"));
    let loaded = wide.loaded();
    assert!(
        loaded
            .warnings
            .iter()
            .any(|warning| warning.wrong.contains("from anywhere"))
    );
}
