//! A password as guessers see it: without accents, without the signs that stand for letters, cut into
//! its words.

use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::base::fold::folded;

/// What may be put around a word without making it another.
const LONGEST_TRIMMING: usize = 6;

/// The forms in which a password is looked up.
#[derive(Zeroize, ZeroizeOnDrop)]
pub(super) struct Shape {
    /// Small letters without accents.
    pub folded: String,
    /// That with letters for the signs that stand for them: `p@ssw0rd` → `password`.
    pub spelled: String,
    /// Its words, folded: cut at what is no letter and where `aB` begins another.
    pub runs: Vec<String>,
    /// Its digits by groups, whatever stands between two of them: `12/05/2010` is one.
    pub digits: Vec<String>,
}

impl Shape {
    pub fn of(prepared: &str) -> Shape {
        let whole = folded(prepared);
        let spelled = spelled(&whole, 'i');
        let mut runs = runs(prepared);
        runs.extend(self::runs(&spelled));
        Shape {
            digits: digit_groups(&whole),
            folded: whole,
            spelled,
            runs,
        }
    }

    /// The words that this may be no more than a decoration of.
    pub fn stems(&self) -> Vec<String> {
        let mut stems = vec![self.folded.clone()];
        stems.extend(trimmed(&self.folded));
        let squeezed: String = self.folded.split([' ', '-', '_', '.', '\'']).collect();
        stems.extend(trimmed(&squeezed));
        let spelled_out: Vec<String> = stems
            .iter()
            .flat_map(|stem| [spelled(stem, 'i'), spelled(stem, 'l')])
            .collect();
        stems.extend(spelled_out);
        // A word said twice is that word.
        let halves: Vec<String> = stems.iter().filter_map(|stem| half(stem)).collect();
        stems.extend(halves);
        stems.retain(|stem| !stem.is_empty());
        stems
    }
}

/// Without what surrounds the letters, unless that is much.
fn trimmed(text: &str) -> Option<String> {
    let inner = text.trim_matches(|c: char| !c.is_alphabetic());
    let behind = text.trim_end_matches(|c: char| !c.is_alphabetic());
    let stem = if inner.is_empty() { return None } else { inner };
    let taken = text.chars().count() - stem.chars().count();
    // `4nniversaire2010` begins with a letter that is written as a digit.
    match taken <= LONGEST_TRIMMING {
        true => Some(stem.to_owned()),
        false => {
            (text.chars().count() - behind.chars().count() <= LONGEST_TRIMMING).then(|| behind.to_owned())
        }
    }
}

fn half(text: &str) -> Option<String> {
    let (one, other) = text.split_at_checked(text.len() / 2)?;
    (one == other).then(|| one.to_owned())
}

/// `1` is read as `one`: it stands for an i or an l.
fn spelled(folded: &str, one: char) -> String {
    let letter = |c| match c {
        '0' => 'o',
        '1' | '!' | '|' => one,
        '3' | '€' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        '8' => 'b',
        other => other,
    };
    folded.chars().map(letter).collect()
}

fn runs(text: &str) -> Vec<String> {
    let mut runs = vec![String::new()];
    let mut before_was_small = false;
    for c in text.chars() {
        let begins = !c.is_alphabetic() || c.is_uppercase() && before_was_small;
        if begins {
            runs.push(String::new());
        }
        if let Some(run) = runs.last_mut()
            && c.is_alphabetic()
        {
            run.push(c);
        }
        before_was_small = c.is_lowercase();
    }
    runs.retain(|run| !run.is_empty());
    runs.iter().map(|run| folded(run)).collect()
}

fn digit_groups(folded: &str) -> Vec<String> {
    let between = |c: char| matches!(c, ' ' | '-' | '/' | '.' | '_');
    let groups = folded.split(|c: char| !c.is_ascii_digit() && !between(c));
    let groups = groups.map(|group| group.chars().filter(char::is_ascii_digit).collect::<String>());
    groups.filter(|group| !group.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decorated_word_is_still_that_word() {
        for typed in [
            "Soleil",
            "soleil2024!",
            "50leil",
            "S0LE1L",
            "!!soleil99",
            "Soleil-Soleil",
            "so leil",
        ] {
            let stems = Shape::of(typed).stems();
            assert!(stems.iter().any(|stem| stem == "soleil"), "{typed}: {stems:?}");
        }
        let stems = Shape::of("soleil482915736").stems();
        assert!(!stems.iter().any(|stem| stem == "soleil"), "{stems:?}");
    }

    #[test]
    fn words_are_cut_at_signs_and_capitals_and_dates_are_put_together() {
        let shape = Shape::of("léaDupont_12/05/2010");
        assert!(shape.runs.starts_with(&["lea".to_owned(), "dupont".to_owned()]));
        assert_eq!(shape.digits, ["12052010"]);
    }
}
