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
    "assets/captcha-worker.js",
    "assets/captcha.css",
    "assets/captcha.js",
    "assets/favicon.svg",
    "assets/logo.svg",
    "assets/mereau.css",
    "assets/mereau.js",
    "assets/picker.css",
    "assets/picker.js",
    "components/captcha.html",
    "components/contact.html",
    "components/field.html",
    "components/picker.html",
    "components/problem.html",
    "components/upstreams.html",
    "pages/access_denied.html",
    "pages/accessibility.html",
    "pages/accounts.html",
    "pages/account_closed.html",
    "pages/browse.html",
    "pages/captcha.html",
    "pages/choose_account.html",
    "pages/delegation_failed.html",
    "pages/layout.html",
    "pages/login.html",
    "pages/picker.html",
    "pages/sign_out.html",
    "pages/signed_in.html",
    "pages/signed_out.html",
    "pages/trouble.html",
    "pages/unknown_service.html",
    "pages/warning.html",
    "pages/welcome.html",
    "texts/ar.ftl",
    "texts/en.ftl",
    "texts/fr.ftl",
];
