//! `[password]` of a realm: what a new password must be.

use crate::config::section::{choice, section};
use crate::config::values::FilePath;

choice! {
    /// A kind of character.
    ClassWord {
        /// a to z, and small letters of any script.
        Lower = "lower",
        /// A to Z, and capitals of any script.
        Upper = "upper",
        /// 0 to 9, and digits of any script.
        Digit = "digit",
        /// What is neither letter nor digit; a space is one.
        Symbol = "symbol",
    }
}

section! {
    /// What a new password must be. The same for everybody of the realm, told before they type.
    PasswordSection {
        /// Characters at least, 8 or more. Counted here: some directories count bytes.
        least: u32 = "12";
        /// Characters at most, 128 or fewer.
        most: u32 = "128";
        /// How hard to guess it must be, from 0 to 4: 2 is a million tries, 3 a hundred millions, 4 ten
        /// thousand millions. Estimated with French and English words and what is known of the person.
        strength: u32 = "3";
        /// Kinds of characters it must have. Not recommended (non recommandé): people answer with a
        /// capital in front and a digit behind.
        require: Vec<ClassWord> = "[]";
        /// Ask for it twice. The field can show what is typed, so once is enough.
        confirm: bool = "false";
        /// Words of the place that may not be in it, beside the names of the institution, its town, and
        /// the person's own names, login, addresses and birth date.
        words: Vec<String> = "[]" => "[\"estran\", \"valmore\"]";
        /// A file of leaked passwords that are refused: one on a line, or its SHA-1 in hexadecimal as in
        /// “Have I Been Pwned”, with or without “:” and a count. Read whole at the start and at SIGHUP,
        /// 8 bytes of memory for each, 32 million at most. Beside the built-in list of 144,216.
        breached_file: Option<FilePath> => "\"leaked-passwords.txt\"";
        /// Days after which a password must be changed. Not recommended (non recommandé): people then
        /// count up. Without it passwords do not expire here, whatever the directory does.
        max_age_days: Option<u32> => "365";
        /// Days before that in which people are told as they sign in, once a day.
        warn_days: u32 = "14";
    }
}
