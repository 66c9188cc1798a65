//! What somebody typed, read: words with their meanings, or the domain of a mail address. Bounded
//! whatever is typed.

use super::words::{has_districts, is_district_word, meanings, words};

/// Characters that are looked at; more are no name of anything.
const LONGEST: usize = 200;

/// Words that are looked at.
const MOST_WORDS: usize = 12;

/// One word of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    pub text: String,
    /// What it may stand for besides: `saint` for `st`.
    pub meaning: Option<String>,
}

/// A query, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Query {
    Nothing,
    /// All that counts of a mail address, in lower case.
    Domain(String),
    /// `host` when what was typed may also be a host name.
    Words {
        host: Option<String>,
        words: Vec<Word>,
    },
}

impl Query {
    pub fn read(typed: &str) -> Query {
        let typed: String = typed.chars().take(LONGEST).collect();
        if let Some((_, domain)) = typed.rsplit_once('@') {
            let domain = host_name(domain.trim());
            return domain.map_or(Query::Nothing, Query::Domain);
        }
        let typed = typed.trim();
        if let Some(code) = code(typed) {
            let words = vec![Word {
                text: code,
                meaning: None,
            }];
            return Query::Words { host: None, words };
        }
        let words = read_words(typed);
        if words.is_empty() {
            return Query::Nothing;
        }
        let host = host_name(typed).filter(|host| host.contains('.'));
        Query::Words { host, words }
    }
}

fn read_words(typed: &str) -> Vec<Word> {
    let mut texts = words(typed);
    texts.truncate(MOST_WORDS);
    let mut read: Vec<Word> = Vec::with_capacity(texts.len());
    for text in texts {
        let before = read.last().map(|word| word.text.as_str());
        let city = read.len().checked_sub(2).and_then(|at| read.get(at));
        if city.is_some_and(|city| has_districts(&city.text)) && is_district_word(&text) {
            continue;
        }
        let meaning = meanings(&text, before);
        if !read.iter().any(|word| word.text == text) {
            read.push(Word { text, meaning });
        }
    }
    read
}

/// A UAI or a SIRET, written with or without blanks.
fn code(typed: &str) -> Option<String> {
    let compact: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
    let compact = compact.to_lowercase();
    let digits = compact.chars().take_while(char::is_ascii_digit).count();
    let rest: Vec<char> = compact.chars().skip(digits).collect();
    match (digits, rest.as_slice()) {
        (7, [letter]) if letter.is_ascii_lowercase() => Some(compact),
        (9..=14, []) => Some(compact),
        _ => None,
    }
}

/// In lower case, if it can be (the beginning of) a host name.
fn host_name(typed: &str) -> Option<String> {
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '-' | '.');
    (!typed.is_empty() && typed.chars().all(fits)).then(|| typed.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(typed: &str) -> Vec<String> {
        match Query::read(typed) {
            Query::Words { words, .. } => words.into_iter().map(|word| word.text).collect(),
            other => vec![format!("{other:?}")],
        }
    }

    #[test]
    fn of_a_mail_address_only_the_domain_is_read() {
        assert_eq!(
            Query::read("jean.moulin@Etu.Univ-X.fr "),
            Query::Domain("etu.univ-x.fr".into())
        );
        assert_eq!(Query::read("jean.moulin@"), Query::Nothing);
        assert_eq!(Query::read("a@b@c d"), Query::Nothing);
    }

    #[test]
    fn codes_are_read_with_their_blanks() {
        assert_eq!(texts("075 1717 J"), ["0751717j"]);
        assert_eq!(texts("123 456 789 00012"), ["12345678900012"]);
        assert_eq!(texts("77000 melun"), ["77000", "melun"]);
    }

    #[test]
    fn words_have_their_meanings() {
        let Query::Words { words, host } = Query::read("clg st denis") else {
            panic!("words");
        };
        assert_eq!(words[0].meaning.as_deref(), Some("college"));
        assert_eq!(words[1].meaning.as_deref(), Some("saint"));
        assert_eq!((words[2].meaning.as_deref(), host), (None, None));
        assert_eq!(texts("paris 5e arr lycee"), ["paris", "5e", "lycee"]);
    }

    #[test]
    fn whatever_is_typed_stays_bounded() {
        assert_eq!(
            texts(&"a b c d e f g h i j k l m n o ".repeat(1_000)).len(),
            MOST_WORDS
        );
        assert_eq!(Query::read(&" ".repeat(10_000)), Query::Nothing);
        assert!(texts(&"x".repeat(10_000))[0].len() <= 40);
    }
}
