//! The default theme, carried inside the binary: every file of `themes/default`, by its path there.
//! A test compares this table with the folder.

macro_rules! files {
    ($($path:literal),* $(,)?) => {
        &[$(($path, include_bytes!(concat!("../../themes/default/", $path)))),*]
    };
}

/// Path inside the theme, bytes.
pub const DEFAULT_THEME: &[(&str, &[u8])] = files![
    "theme.toml",
    "assets/favicon.svg",
    "assets/logo.svg",
    "assets/mereau.css",
    "assets/mereau.js",
    "assets/picker.css",
    "assets/picker.js",
    "components/code.html",
    "components/contact.html",
    "components/field.html",
    "components/human_check.html",
    "components/my_account.html",
    "components/picker.html",
    "components/problem.html",
    "components/upstreams.html",
    "pages/access_denied.html",
    "pages/accessibility.html",
    "pages/account_closed.html",
    "pages/accounts.html",
    "pages/browse.html",
    "pages/choose_account.html",
    "pages/confirm_link.html",
    "pages/delegation_failed.html",
    "pages/help.html",
    "pages/layout.html",
    "pages/login.html",
    "pages/my_account.html",
    "pages/my_address.html",
    "pages/my_address_remove.html",
    "pages/my_password.html",
    "pages/my_proof.html",
    "pages/new_password.html",
    "pages/onward.html",
    "pages/password_saved.html",
    "pages/picker.html",
    "pages/recover.html",
    "pages/recover_code.html",
    "pages/recover_sent.html",
    "pages/reset_link.html",
    "pages/reset_revoke.html",
    "pages/reset_revoked.html",
    "pages/sign_out.html",
    "pages/signed_in.html",
    "pages/signed_out.html",
    "pages/trouble.html",
    "pages/undo_link.html",
    "pages/unknown_service.html",
    "pages/warning.html",
    "pages/welcome.html",
    "texts/ar.ftl",
    "texts/en.ftl",
    "texts/fr.ftl",
];
