//! Words nobody bears: syllables in several scripts, each word carrying enough chance to be found by a byte search.

use crate::draw::Draw;

/// A script a name may be written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Script {
    /// Plain Latin letters.
    Latin,
    /// Latin letters with diacritics.
    LatinMarked,
    /// Greek.
    Greek,
    /// Cyrillic.
    Cyrillic,
    /// Arabic.
    Arabic,
    /// Han characters.
    Han,
}

impl Script {
    /// Consonants and vowels that make a syllable.
    const fn letters(self) -> (&'static str, &'static str) {
        match self {
            Self::Latin => ("bdfghjklmnprstvwz", "aeiou"),
            Self::LatinMarked => ("bdfgklmnprsštvžčłñ", "aeiouáéíóúöüåøę"),
            Self::Greek => ("βγδζθκλμνξπρστφχ", "αεηιου"),
            Self::Cyrillic => ("бвгджзклмнпрстфхцч", "аеиоуяюі"),
            Self::Arabic => ("بتجحدرزسشعفقكلمنه", "اوي"),
            Self::Han => ("江林方白石秋川叶云松梅竹兰海山河星月雪晨", "安平和清明远志文思若宁嘉瑞柏青岚遥溪舟野"),
        }
    }

    const fn given_names(self) -> &'static [&'static str] {
        match self {
            Self::Latin => {
                &["Amelia", "Oliver", "Harper", "George", "Priya", "Noah", "Freya", "Owen", "Imogen", "Callum"]
            }
            Self::LatinMarked => {
                &["Zoë", "Siân", "Chloé", "Jürgen", "Björn", "Łukasz", "Aoífe", "Søren", "Iñigo", "François"]
            }
            Self::Greek => &["Ελένη", "Νίκος", "Σοφία", "Γιώργος", "Άννα"],
            Self::Cyrillic => &["Олена", "Іван", "Мария", "Тарас", "Елена"],
            Self::Arabic => &["ليلى", "يوسف", "مريم", "سامي", "نور"],
            Self::Han => &[""],
        }
    }
}

/// A word of `syllables` in `script`, first letter large where the script has large letters.
pub(crate) fn word(draw: &mut Draw, script: Script, syllables: usize) -> String {
    let (consonants, vowels) = script.letters();
    let (consonants, vowels): (Vec<char>, Vec<char>) = (consonants.chars().collect(), vowels.chars().collect());
    let mut text = String::new();
    for _ in 0..syllables {
        text.push(draw.one_of(&consonants));
        text.push(draw.one_of(&vowels));
    }
    capitalised(&text)
}

/// A full name: a given name and an invented family name of at least 20 bits of chance.
pub(crate) fn full_name(draw: &mut Draw, script: Script) -> String {
    let given = draw.pick(script.given_names());
    match script {
        Script::Latin | Script::LatinMarked => {
            let family = word(draw, script, 4);
            let form = draw.below(12);
            match form {
                0 => format!("{given} O'{family}"),
                1 => format!("{given} {}-{family}", word(draw, Script::Latin, 2)),
                2 => format!("{given} de {family}"),
                _ => format!("{given} {family}"),
            }
        }
        Script::Greek | Script::Cyrillic | Script::Arabic => format!("{given} {}", word(draw, script, 4)),
        Script::Han => word(draw, script, 3),
    }
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}
