//! Wrong configurations, each with the message an operator gets: file, line, mend. The snapshots
//! beside this file are those messages.

use mereau::base::names::InstitutionId;

use super::files::Folder;

/// One test per way to spoil the good folder; its message is a snapshot.
macro_rules! wrong {
    ($($(#[doc = $doc:literal])* $name:ident: |$folder:ident| $spoil:expr;)+) => {$(
        #[test]
        fn $name() {
            let $folder = Folder::good();
            $spoil;
            insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
                insta::assert_snapshot!(stringify!($name), $folder.problems());
            });
        }
    )+};
}

wrong! {
    a_letter_is_not_tried_again_without_end_nor_too_late:
        |folder| folder.change("server.toml", "[keys]", "[mail]\nfirst_pause = \"100 ms\"\n[keys]");
    a_misspelt_key_is_shown_with_the_one_that_was_meant:
        |folder| folder.change("server.toml", "listen", "lisen");
    an_unknown_key_is_shown_with_those_there_are:
        |folder| folder.change("server.toml", "[keys]", "colour = 3\n[keys]");
    an_unknown_section_is_refused:
        |folder| folder.change("server.toml", "[tickets]", "[ticket]");
    a_missing_key_is_named:
        |folder| folder.change("server.toml", "public_url", "# public_url");
    an_empty_file_lacks_its_sections:
        |folder| folder.write("server.toml", "");
    a_file_that_is_not_there_is_named:
        |folder| folder.remove("server.toml");
    a_text_without_quotes_is_not_toml:
        |folder| folder.change("server.toml", "\"127.0.0.1:8080\"", "127.0.0.1:8080");
    a_section_that_is_not_closed_is_not_toml:
        |folder| folder.change("server.toml", "[keys]", "[keys");
    a_key_written_twice_is_not_toml:
        |folder| folder.change("server.toml", "[keys]", "listen = \"[::1]:80\"\n[keys]");
    bytes_that_are_not_utf8_are_told_by_their_line:
        |folder| folder.write("realms/univ.toml", b"name = \"a\"\ntown = \"Valmor\xe9\"\n");
    a_port_alone_is_not_an_address:
        |folder| folder.change("server.toml", "127.0.0.1:8080", "8080");
    a_number_is_not_an_address:
        |folder| folder.change("server.toml", "\"127.0.0.1:8080\"", "8080");
    a_public_url_of_http_beyond_loopback_is_refused:
        |folder| folder.change("server.toml", "https://", "http://");
    a_public_url_with_a_query_is_refused:
        |folder| folder.change("server.toml", "/cas\"", "/cas?x=1\"");
    a_public_url_that_is_no_url_is_refused:
        |folder| folder.change("server.toml", "https://cas.univ-valmore.example/cas", "cas.example");
    plain_http_for_other_machines_is_refused:
        |folder| folder.change("server.toml", "127.0.0.1:8080", "0.0.0.0:8080");
    a_trusted_proxy_is_a_network:
        |folder| folder.change("server.toml", "[keys]", "trusted_proxies = [\"10.0.0.1\", \"proxy\"]\n[keys]");
    proxies_that_are_nearly_everybody_are_refused:
        |folder| folder.change("server.toml", "[keys]", "trusted_proxies = [\"0.0.0.0/0\", \"::/0\"]\n[keys]");
    an_unknown_ticket_store_is_shown_with_those_there_are:
        |folder| folder.change("server.toml", "redis://127.0.0.1:6379/0", "mysql://localhost/cas");
    a_password_in_a_url_is_refused_and_not_shown:
        |folder| folder.change("server.toml", "redis://", "redis://mereau:canary-7Hq2@");
    a_password_in_the_file_is_refused_and_not_shown:
        |folder| folder.change("server.toml", "[tickets]", "[tickets]\npassword = \"canary-7Hq2\"");
    a_secret_given_twice_is_refused:
        |folder| folder.change("server.toml", "[tickets]",
            "[tickets]\npassword_file = \"pw\"\npassword_env = \"MEREAU_TEST_PASSWORD\"");
    a_variable_that_is_not_set_is_named:
        |folder| folder.change("server.toml", "[tickets]", "[tickets]\npassword_env = \"MEREAU_UNSET\"");
    a_secret_file_that_is_not_there_is_named:
        |folder| folder.change("server.toml", "[tickets]", "[tickets]\npassword_file = \"pw\"");
    a_key_that_others_may_read_is_refused:
        // T-96
        |folder| folder.mode("keys/1.key", 0o644);
    a_key_that_its_group_may_read_is_refused:
        // T-96
        |folder| folder.mode("keys/1.key", 0o640);
    a_file_that_is_no_key_is_refused:
        |folder| folder.write("keys/1.key", "canary-7Hq2\n");
    the_same_key_twice_is_refused:
        |folder| folder.change("server.toml", "[\"keys/1.key\"]", "[\"keys/1.key\", \"keys/1.key\"]");
    an_institution_is_checked_key_by_key:
        |folder| folder.change("institutions.toml", "aliases = [\"0999999X\"]",
            "siret = \"12\"\ndepartement = \"99\"\nlatitude = 91.0\nlongitude = 2.5\nmail_domains = [\"local\"]\nhosts = [\"https://x.fr\"]\ngroup = \"none\"\nlanguages = []");
    a_code_or_a_word_that_is_none_is_refused:
        |folder| folder.change("institutions.toml", "aliases = [\"0999999X\"]",
            "uai = [\"999999X\"]\nstate = \"close\"\nkind = \"collège\"\nlatitude = \"48\"");
    a_logo_that_could_do_more_than_be_seen_is_told_with_its_line: |folder| {
        folder.write("logos/evil.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\">\n<g/>\n<script/>\n</svg>\n");
        folder.write("logos/photo.jpg", b"\xff\xd8\xff");
        folder.change("institutions.toml", "aliases = [\"0999999X\"]", "logo = \"logos/evil.svg\"\ngroup = \"ac\"");
        folder.change("institutions.toml", "[[institution]]",
            "[[group]]\nid = \"ac\"\nlogo = \"logos/photo.jpg\"\n\n[[institution]]\nlogo = \"logos/gone.png\"");
    };
    two_groups_of_one_name_are_refused:
        |folder| folder.change("institutions.toml", "[[institution]]",
            "[[group]]\nid = \"ac\"\n\n[[group]]\nid = \"ac\"\n\n[[institution]]");
    a_heading_that_is_not_known_is_shown_with_the_one_that_was_meant:
        |folder| folder.write("institutions.csv", "id;realm;nam\nx;univ;X\n");
    bad_lines_of_a_sheet_are_told_by_their_number:
        |folder| folder.write("institutions.csv",
            "id;realm;name;uai\ngood;univ;Good;\nx;uniw;X;12\ny;univ\nz;lyce;Z;\n\"w;univ;W;\nv;univ;;\n");
    a_name_used_in_both_files_of_institutions_is_refused:
        |folder| folder.write("institutions.csv", "id;name;aliases\nneu;Neu;\nvalmore;Noch;0999999x\n");
    a_sheet_that_is_not_there_is_named:
        |folder| folder.change("server.toml", "[keys]", "[institutions]\nfile = \"schools.csv\"\n\n[keys]");
    a_parameter_of_our_own_names_no_institution:
        |folder| folder.change("server.toml", "[keys]", "[institutions]\nparameters = [\"service\", \"a b\"]\n\n[keys]");
    a_shared_store_without_keys_is_refused:
        |folder| folder.change("server.toml", "files", "# files");
    a_format_of_logs_is_checked:
        |folder| folder.change("server.toml", "[tickets]", "[log]\nformat = \"jsn\"\n[tickets]");
    a_level_of_logs_is_checked:
        |folder| folder.change("server.toml", "[tickets]", "[log]\nlevel = \"verbose\"\n[tickets]");
    a_realm_without_a_name_is_refused:
        |folder| folder.change("realms/univ.toml", "name = {", "title = {");
    a_language_that_is_none_is_refused:
        |folder| folder.change("realms/univ.toml", "fr =", "french =");
    a_file_name_that_cannot_be_a_realm_is_refused:
        |folder| folder.write("realms/Université.toml", super::files::REALM);
    a_span_of_time_without_unit_is_refused:
        |folder| folder.change("realms/univ.toml", "[contact]", "[lifetimes]\nidle = 7200\nlongest = \"8\"\n[contact]");
    a_zone_of_a_realm_that_does_not_exist_is_refused:
        |folder| folder.change("realms/univ.toml", "scope", "time_zone = \"Indian/Maurice\"\nscope");
    an_idle_time_beyond_the_longest_is_refused:
        |folder| folder.change("realms/univ.toml", "[contact]", "[lifetimes]\nidle = \"9 h\"\n[contact]");
    an_address_that_is_no_mail_is_refused:
        |folder| folder.change("realms/univ.toml", "assistance@univ-valmore.example", "assistance");
    a_link_with_a_script_is_refused:
        |folder| folder.change("realms/univ.toml", "[contact]", "[legal]\nprivacy = \"javascript:alert(1)\"\n[contact]");
    a_guide_with_a_script_is_refused:
        |folder| folder.change("realms/univ.toml", "[contact]",
            "[[guide]]\nname = \"Guide\"\nurl = \"javascript:alert(1)\"\n[contact]");
    an_institution_of_no_realm_is_refused:
        |folder| folder.change("institutions.toml", "realm = \"univ\"", "realm = \"unif\"");
    an_institution_twice_is_refused:
        |folder| folder.change("institutions.toml", "\"antenne\"", "\"valmore\"");
    a_host_of_two_institutions_is_refused:
        |folder| folder.change("institutions.toml", "aliases = [\"0999999X\"]",
            "hosts = [\"CAS.univ-valmore.example\"]");
    a_host_with_a_port_is_refused:
        |folder| folder.change("institutions.toml", "cas.univ-valmore.example", "cas.univ-valmore.example:443");
    a_realm_without_a_directory_is_refused:
        |folder| folder.change("realms/univ.toml", "[directory]", "[director]");
    a_directory_of_an_unknown_kind_is_refused:
        |folder| folder.change("realms/univ.toml", "\"ldap\"", "\"ldab\"");
    passwords_in_clear_to_a_directory_must_be_asked_for:
        // T-52
        |folder| folder.change("realms/univ.toml", "ldaps://", "ldap://");
    a_branch_that_is_no_dn_is_refused:
        |folder| folder.change("realms/univ.toml", "ou=people,dc=univ-valmore,dc=example", "people");
    a_service_account_without_password_is_refused:
        // T-50
        |folder| folder.change("realms/univ.toml", "urls", "bind_dn = \"cn=mereau,dc=example\"\nurls");
    a_filter_that_is_not_closed_is_shown_with_the_place:
        |folder| folder.change("realms/univ.toml", "[contact]",
            "[people]\nuser_filter = \"(objectClass=person\"\n[contact]");
    a_login_attribute_that_holds_passwords_is_refused:
        |folder| folder.change("realms/univ.toml", "[contact]",
            "[people]\nlogin_attributes = [\"uid\", \"userPassword\"]\n[contact]");
    a_state_rule_that_cannot_be_read_is_refused:
        |folder| folder.change("realms/univ.toml", "[contact]",
            "[[states.rule]]\nwhen = \"time(leftAt) + 30x < now\"\nthen = \"inactve\"\n[contact]");
    an_unknown_preset_is_shown_with_those_there_are:
        |folder| folder.change("realms/univ.toml", "[contact]", "[states]\npresets = [\"suppan\"]\n[contact]");
    a_file_of_people_that_is_not_there_is_named:
        |folder| folder.write("realms/univ.toml",
            "name = \"U\"\nscope = \"u.example\"\n[directory]\nkind = \"ldif\"\nfile = \"people.ldif\"\n");
    a_service_of_no_realm_is_refused:
        |folder| folder.change("services/moodle.toml", "attributes", "realms = [\"univers\"]\nattributes");
    a_service_rule_that_lets_anybody_in_must_be_meant:
        |folder| folder.change("services/moodle.toml", "https://moodle.univ-valmore.example/**", "https://*/**");
    a_service_whose_rules_are_wrong_is_told_line_by_line: |folder| folder.change("services/moodle.toml", "attributes",
"opens = \"2027-09-08 18:00\"
closes = \"soon\"
sso_max_age = \"1 s\"
profiles = [\"\"]
required_any = true
attribute_values = \"pattern\"
required_attributes = { memberOf = [\"cn=(\"] }
rejected_attributes = { mail = [\"(?!a).*\"] }
released_values = { memberOf = \".*\" }
user = \"anonymous\"
user_case = \"lower\"
proxy_ticket_lifetime = \"1 h\"
logout = [\"https://a.example/\", \"ftp://b.example/\"]
attributes");
    a_salt_of_no_user_name_is_refused: |folder| {
        folder.write("moodle.salt", "canary-7Hq2");
        folder.change("services/moodle.toml", "attributes", "user_salt_file = \"../moodle.salt\"\nattributes");
    };
    a_salt_in_the_file_is_refused_and_not_shown:
        |folder| folder.change("services/moodle.toml", "attributes", "user_salt = \"canary-7Hq2\"\nattributes");
    a_salt_that_others_may_read_is_refused_and_not_shown: |folder| {
        folder.write("moodle.salt", "canary-7Hq2");
        folder.mode("moodle.salt", 0o644);
        folder.change("services/moodle.toml", "attributes",
            "realms = [\"univ\"]\nuser = \"anonymous\"\nuser_salt_file = \"../moodle.salt\"\nattributes");
    };
    a_service_rule_that_is_no_url_is_refused:
        |folder| folder.change("services/moodle.toml", "https://moodle.univ-valmore.example/**", "moodle.*");
    a_proxy_callback_in_clear_is_refused:
        // CAS-162
        |folder| folder.change("services/moodle.toml", "attributes",
            "proxy_callbacks = [\"http://moodle.univ-valmore.example/pgt\"]\nattributes");
    a_released_name_that_the_protocol_keeps_is_refused:
        |folder| folder.change("services/moodle.toml", "\"mail\"", "\"user\"");
    two_services_with_one_rule_are_refused:
        |folder| folder.write("services/autre.toml", super::files::SERVICE);
    writing_without_a_word_about_the_guard_is_refused:
        |folder| write_section(&folder, "method = \"exop\"");
    writing_without_a_password_is_refused:
        |folder| write_section(&folder, "method = \"exop\"\nguard = \"generation\"\nbind_password_env = \"MEREAU_NOT_SET\"");
    an_assertion_needs_an_attribute_to_move_before_the_exop:
        |folder| write_section(&folder, "method = \"exop\"\nguard = \"assertion\"");
    an_assertion_is_nothing_for_active_directory_nor_is_a_password_in_clear:
        |folder| {
            write_section(&folder, "method = \"ad\"\nguard = \"assertion\"");
            folder.change("realms/univ.toml", "ldaps://primary.univ-valmore.example", "ldap://127.0.0.1");
        };
    a_modify_needs_the_word_that_the_server_hashes:
        |folder| write_section(&folder, "method = \"modify\"\nguard = \"none\"");
    an_assertion_is_refused_by_389ds:
        |folder| write_section(&folder, "method = \"389ds\"\nguard = \"assertion\"");
    a_filter_of_what_passes_through_is_a_filter:
        |folder| write_section(&folder, "method = \"exop\"\nguard = \"read-compare\"\npass_through = \"krb\"");
    a_service_without_urls_is_refused:
        |folder| folder.change("services/moodle.toml", "\"https://moodle.univ-valmore.example/**\"", "");
    a_ca_file_without_tls_is_refused: |folder| {
        folder.write("ca.pem", "");
        folder.change("server.toml", "[tickets]", "[tickets]\nca_file = \"ca.pem\"");
    };
    a_cluster_has_no_second_database:
        |folder| folder.change("server.toml", "redis://127.0.0.1:6379/0", "redis-cluster://127.0.0.1:6379/3");
    an_outgoing_destination_is_a_host_or_a_network:
        |folder| folder.change("server.toml", "[tickets]", "[outgoing]\nallowed = [\"http://x/\"]\n[tickets]");
    an_admin_address_that_asks_nobody_is_refused:
        |folder| folder.change("server.toml", "[tickets]", "[admin]\nlisten = \"127.0.0.1:9464\"\n[tickets]");
    an_open_admin_address_beyond_loopback_is_refused:
        |folder| folder.change("server.toml", "[tickets]", "[admin]\nlisten = \"10.0.0.1:9464\"\nopen = true\n[tickets]");
    an_admin_token_that_can_be_guessed_is_refused: |folder| {
        folder.write("admin.token", "secret\n");
        folder.change("server.toml", "[tickets]",
            "[admin]\nlisten = \"10.0.0.1:9464\"\ntoken_file = \"admin.token\"\n[tickets]");
    };
    a_zone_that_does_not_exist_is_refused:
        |folder| folder.change("server.toml", "[tickets]", "[pages]\ntime_zone = \"Europe/Valmore\"\n[tickets]");
    a_certificate_key_that_everybody_may_read_is_refused: |folder| {
        // T-96
        folder.write("tls.key", "x");
        folder.mode("tls.key", 0o644);
        folder.change("server.toml", "[keys]",
            "tls = { certificate = \"tls.pem\", key = \"tls.key\" }\n[keys]");
    };
    a_status_that_means_something_else_is_refused:
        |folder| folder.change("server.toml", "[tickets]", "[compat]\nstatus_throttled = 200\n[tickets]");
    a_delegation_without_a_join_finds_nobody:
        |folder| delegate(&folder, "id = \"academie\"\nname = \"SSO\"\nurl = \"https://cas.example.org/cas\"");
    everything_wrong_with_a_delegation_is_told: |folder| {
        let join = "join = [{ theirs = \"\", ours = \"userPassword\" }]";
        delegate(&folder, &format!("id = \"a\"\nname = \"\"\nurl = \"http://cas.example.org/cas\"\n{join}"));
        delegate(
            &folder,
            "id = \"a\"\nname = \"SSO\"\nurl = \"https://u:p@cas.example.org/cas?x=1\"\njoin = []\n\
             institutions = [\"nowhere\"]\nattributes = { profil = \"(x)\" }",
        );
    };
    a_delegation_of_an_unknown_kind_is_refused:
        |folder| delegate(&folder, "id = \"a\"\nkind = \"saml\"\nname = \"SSO\"\nurl = \"https://cas.example.org/\"\n\
                                    position = \"middle\"\njoin = [{ theirs = \"user\", ours = \"uid\" }]");
    the_problems_of_all_files_are_told_at_once: |folder| {
        folder.change("server.toml", "listen", "lisen");
        folder.change("server.toml", "redis://", "sqlite://");
        folder.change("realms/univ.toml", "[contact]", "[contact]\nfax = \"1\"");
        folder.change("institutions.toml", "\"antenne\"", "\"Antenne\"");
    };
}

fn write_section(folder: &Folder, keys: &str) {
    folder.write("writer", "secret\n");
    let password = if keys.contains("bind_password") {
        ""
    } else {
        "bind_password_file = \"../writer\"\n"
    };
    let section = format!(
        "[directory.write]\nurls = [\"ldaps://primary.univ-valmore.example\"]\n\
         bind_dn = \"cn=writer,dc=univ-valmore,dc=example\"\n{password}{keys}\n\n[contact]"
    );
    folder.change("realms/univ.toml", "[contact]", &section);
}

#[test]
fn a_section_for_writing_is_read_with_its_defaults() {
    // SEC-76, SEC-78, SEC-79, SEC-84
    let folder = Folder::good();
    write_section(
        &folder,
        "method = \"exop\"\nguard = \"generation\"\nhook = [\"/bin/after\", \"-x\"]",
    );
    let settings = folder.load().unwrap().settings;
    let mereau::config::DirectorySettings::Ldap(directory) = &settings.realms[0].directory else {
        panic!("another directory")
    };
    let write = directory.write.as_ref().unwrap();
    assert_eq!(write.fence(), mereau::directory::FenceKind::Generation);
    assert_eq!(write.changed_attribute, "pwdChangedTime");
    assert_eq!(write.class.as_deref(), Some("mereauAccount"));
    assert!(write.clear_must_change && write.ignore_min_age && !write.server_hashes);
    assert_eq!(write.pin, std::time::Duration::from_secs(300));
    assert!(write.manager.is_none() && write.pass_through.is_some());
    assert_eq!(write.hook.as_ref().unwrap().command, ["/bin/after", "-x"]);
}

fn delegate(folder: &Folder, keys: &str) {
    let mut realm = std::fs::read_to_string(folder.path("realms/univ.toml")).unwrap();
    realm.push_str(&format!("\n[[delegation]]\n{keys}\n"));
    folder.write("realms/univ.toml", realm);
}

#[test]
fn a_delegation_is_read_with_its_defaults() {
    // S2-03
    use mereau::realms::{ForWhom, OnLogout, Position};
    let folder = Folder::good();
    let join = "join = [{ theirs = \"user\", ours = \"uid\" }]";
    delegate(
        &folder,
        &format!(
            "id = \"a\"\nname = \"SSO CAS\"\nurl = \"https://cas.example.org/cas\"\n{join}\ninstitutions = [\"antenne\"]"
        ),
    );
    let loaded = folder.loaded();
    let realm = &loaded.settings.realms[0].realm;
    let [delegation] = realm.delegations.as_slice() else {
        panic!("{:?}", realm.delegations)
    };
    assert_eq!(
        (delegation.audience, delegation.position, delegation.on_logout),
        (ForWhom::Everybody, Position::After, OnLogout::Offer)
    );
    let [antenne, valmore] = ["antenne", "valmore"].map(|id| InstitutionId::new(id).unwrap());
    assert!(
        realm.delegations_of(&antenne).next().is_some() && realm.delegations_of(&valmore).next().is_none()
    );
    assert_eq!(loaded.settings.realms[0].upstreams.len(), 1);
}

#[test]
fn the_good_folder_is_good() {
    let folder = Folder::good();
    assert_eq!(folder.problems(), "nothing is wrong");
}

#[test]
fn a_realm_that_no_institution_names_has_its_own() {
    let folder = Folder::good();
    folder.write("realms/lycee.toml", super::files::REALM);
    let loaded = folder.loaded();
    let institutions = &loaded.settings.institutions;
    assert!(
        institutions
            .named("lycee")
            .is_some_and(|found| found.realm.as_str() == "lycee")
    );
    assert!(institutions.named("univ").is_none());
}

#[test]
fn a_secret_may_come_from_a_private_file_or_the_environment() {
    // SEC-11
    use mereau::config::DirectorySettings;
    for key in [
        "bind_password_file = \"../pw\"",
        "bind_password_env = \"MEREAU_TEST_PASSWORD\"",
    ] {
        let folder = Folder::good();
        folder.write("pw", "canary-7Hq2\n");
        let account = format!("bind_dn = \"cn=mereau,dc=example\"\n{key}\nurls");
        folder.change("realms/univ.toml", "urls", &account);
        let loaded = folder.loaded();
        let [realm] = loaded.settings.realms.as_slice() else {
            panic!("one realm")
        };
        let DirectorySettings::Ldap(directory) = &realm.directory else {
            panic!("LDAP")
        };
        let account = directory.account.as_ref().expect("an account");
        assert_eq!(account.password.expose(), "canary-7Hq2");
    }
}

#[test]
fn a_sheet_of_institutions_stands_beside_the_others() {
    let folder = Folder::good();
    folder.change(
        "institutions.toml",
        "[[institution]]",
        "[[group]]\nid = \"ac\"\nlanguages = [\"fr\"]\n\n[[institution]]",
    );
    let text = "id;name;uai;state;group\n;Collège;0751717J;;ac\nold;École fermée;;closed;\n";
    folder.write("institutions.csv", format!("\u{feff}{text}"));
    let loaded = folder.loaded();
    let institutions = loaded.settings.institutions;
    let college = institutions.named("0751717j").expect("named by its code");
    assert_eq!(college.realm.as_str(), "univ");
    assert_eq!(college.departement.map(|found| found.code()), Some("75"));
    assert!(college.own.as_ref().is_some_and(|own| own.languages.is_some()));
    assert!(institutions.named("old").is_some_and(|old| !old.is_usable()));
    assert_eq!(institutions.all().len(), 4);
}

#[test]
fn a_doubtful_key_letter_is_a_warning_only() {
    let folder = Folder::good();
    folder.write("institutions.csv", "name;uai\nA;0751717K\n");
    folder.change(
        "institutions.toml",
        "aliases = [\"0999999X\"]",
        "uai = [\"0751717A\"]",
    );
    let loaded = folder.loaded();
    let doubts = loaded.warnings.iter();
    let doubts: Vec<String> = doubts
        .filter(|warning| warning.wrong.starts_with("the key letter of 0751717"))
        .map(|warning| format!("{} {}", warning.key, warning.mend))
        .collect();
    let mend = "J at the end if its digits are right; or leave it as it is";
    assert_eq!(doubts, [format!("uai {mend}"), format!("institution.uai {mend}")]);
}

#[test]
fn a_sheet_with_many_mistakes_is_told_the_first_ones() {
    let folder = Folder::good();
    folder.write("institutions.csv", format!("id;name\n{}", "é;N\n".repeat(60)));
    let problems = folder.problems();
    assert_eq!(problems.matches("this row has no short name").count(), 50);
    assert!(
        problems.contains("10 more lines of this file have problems"),
        "{problems}"
    );
}
