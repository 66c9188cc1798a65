//! Who lives in the demonstration, and what is said at its start. The people themselves are in
//! `conf/demo/people`.

use std::fmt::Write;

/// Everybody's.
pub const PASSWORD: &str = "bonjour-valmore";

/// An account and what it shows, in French and English.
type Account = (&'static str, &'static str, &'static str);

/// By realm.
pub const ACCOUNTS: [(&str, &[Account]); 3] = [
    (
        "Université de Valmoré",
        &[
            ("camille.durand", "étudiante (ou cdurand)", "student (or cdurand)"),
            (
                "youssef.benali",
                "enseignant, nom en arabe",
                "teacher, Arabic name",
            ),
            ("elise.lefevre-noel", "personnel, accents", "staff, accents"),
            ("jade.moreau", "en sursis", "in grace"),
            ("hugo.martin", "verrouillé", "locked"),
            ("ines.rousseau", "mot de passe expiré", "expired password"),
            (
                "noe.petit",
                "doit changer de mot de passe",
                "must change password",
            ),
            ("lea.garnier", "inactive", "inactive"),
            ("tom.bernard", "ouvrira plus tard", "opens later"),
        ],
    ),
    (
        "Lycée Rosa-Bonheur",
        &[
            ("nina.faure", "élève", "pupil"),
            ("marc.faure", "parent", "parent"),
            ("sofia.lopez", "professeure", "teacher"),
            ("enzo.blanc", "verrouillé", "locked"),
            (
                "paul.girard",
                "doit changer de mot de passe",
                "must change password",
            ),
            ("lucie.andre", "jamais activée", "never activated"),
        ],
    ),
    (
        "Réseau des écoles du Haut-Marais",
        &[
            ("awa.diallo", "professeure des écoles", "teacher"),
            ("louis.perrin", "parent, deux écoles", "parent, two schools"),
            ("mei.chen", "directrice", "head of school"),
            ("ali.haddad", "a quitté le réseau", "has left"),
        ],
    ),
];

/// What to open and who exists.
pub fn welcome(cas: &str, application: &str) -> String {
    let mut text = format!(
        "Méreau · démonstration, personnes inventées · demonstration, invented people\n\n\
         \x20 {application}/\n      une application : cliquez pour vous connecter · an application: click to sign in\n\
         \x20 {cas}/login\n      la page de connexion · the sign-in page\n\
         \x20 {cas}/demo/outbox\n      les messages envoyés (mot de passe oublié…) · the letters sent (forgotten password…)\n\n\
         Mot de passe de tous · everybody’s password: {PASSWORD}\n"
    );
    for (realm, accounts) in ACCOUNTS {
        let _ = write!(text, "\n{realm}\n");
        for (login, french, english) in accounts {
            let _ = writeln!(text, "  {login:<20} {french:<30} {english}");
        }
    }
    text + "\nCtrl-C arrête tout et ne laisse rien · stops all and leaves nothing"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_account_of_the_files_is_announced_and_no_other() {
        let files = [
            include_str!("../../../conf/demo/people/valmore.ldif"),
            include_str!("../../../conf/demo/people/rosa-bonheur.ldif"),
            include_str!("../../../conf/demo/people/haut-marais.ldif"),
        ];
        for ((realm, accounts), file) in ACCOUNTS.iter().zip(files) {
            let announced: Vec<&str> = accounts.iter().map(|(login, ..)| *login).collect();
            let written: Vec<&str> = file
                .lines()
                .filter_map(|line| line.strip_prefix("uid: "))
                .collect();
            assert_eq!(announced, written, "{realm}");
        }
    }
}
