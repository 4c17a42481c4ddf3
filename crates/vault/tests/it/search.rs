//! Blind indexes: what finds what, as fixed vectors.

use ordersync_types::Pii;
use ordersync_vault::{SearchField, SearchKey, normalised};
use proptest::prelude::*;

use super::*;

fn pii(text: &str) -> Pii<String> {
    Pii::new(text.to_owned())
}

fn names() -> SearchKey {
    // Wide tags, so that no two words of a test meet by chance.
    tree().search_key(SellerId::new(7), SearchField::Name, 1).with_bits(32)
}

fn postcodes() -> SearchKey {
    tree().search_key(SellerId::new(7), SearchField::Postcode, 1).with_bits(32)
}

/// Whether what was typed finds the stored value.
fn finds(key: &SearchKey, typed: &str, stored: &str) -> bool {
    let (wanted, tags) = (key.query_tags(&pii(typed)), key.tags(&pii(stored)));
    !wanted.is_empty() && wanted.iter().all(|tag| tags.contains(tag))
}

#[test]
fn names_are_found_by_word_hyphen_part_and_any_spelling_of_case() {
    for (typed, stored) in [
        ("jones", "Smith-Jones"),
        ("SMITH", "Ada Smith-Jones"),
        ("smith-jones", "Ada Smith-Jones"),
        ("ada smith-jones", "Ada Smith-Jones"),
        ("jones ada", "Ada Smith-Jones"),
        ("smith\u{2010}jones", "Ada Smith-Jones"),
        ("smith-jones", "Ada Smith\u{2013}Jones"),
        ("  ada \t example ", "Ada\u{a0}Example"),
        ("strasse", "Straße"),
        ("STRASSE", "Straße"),
        ("STRAẞE", "Straße"),
        ("Οδυσσεύς", "ΟΔΥΣΣΕΎΣ"),
        ("o'example", "O\u{2019}Example"),
        ("o'example", "O\u{b4}Example"),
        ("\u{FF21}da", "Ada"),
        ("zoe\u{308}", "Zo\u{eb}"),
        ("ﬁnn", "Finn"),
        ("李", "李 Example"),
    ] {
        assert!(finds(&names(), typed, stored), "{typed:?} finds {stored:?}");
    }
    for (typed, stored) in [
        ("jone", "Smith-Jones"),
        ("jones bob", "Ada Smith-Jones"),
        ("smithjones", "Smith-Jones"),
        ("", "Ada"),
        ("  ", "Ada"),
        ("-", "Smith - Jones"),
        ("ada", ""),
    ] {
        assert!(!finds(&names(), typed, stored), "{typed:?} does not find {stored:?}");
    }
}

#[test]
fn a_name_gives_one_tag_for_the_whole_each_word_and_each_part() {
    let key = names();
    // whole, ada, smith-jones, smith, jones
    assert_eq!(key.tags(&pii("Ada Smith-Jones")).len(), 5);
    assert_eq!(key.tags(&pii("Ada")).len(), 1);
    assert_eq!(key.tags(&pii("Ada ADA ada")).len(), 2);
    assert_eq!(key.tags(&pii(" \t ")), Vec::<i64>::new());
    assert!(key.tags(&pii("Ada Example")).contains(&key.exact_tag(&pii("ADA  EXAMPLE")).unwrap()));
    assert_eq!(key.exact_tag(&pii("")), None);
}

#[test]
fn postcodes_are_found_with_and_without_their_space() {
    for (typed, stored) in [("ex12mp", "EX1 2MP"), ("EX1 2MP", " ex1\u{a0}2mp"), ("ＥＸ１２ＭＰ", "EX1 2MP")] {
        assert!(finds(&postcodes(), typed, stored), "{typed:?} finds {stored:?}");
        assert_eq!(postcodes().tags(&pii(stored)).len(), 1);
    }
    assert!(!finds(&postcodes(), "EX1", "EX1 2MP"));
    assert!(!finds(&postcodes(), "", "EX1 2MP"));
}

#[test]
fn values_are_compared_in_the_form_that_was_tagged() {
    let show = |field, text| normalised(field, &pii(text)).expose().clone();
    assert_eq!(show(SearchField::Name, "  Ada   SMITH\u{2011}Jones "), "ada smith-jones");
    assert_eq!(show(SearchField::Name, "Groß"), "gross");
    assert_eq!(show(SearchField::Postcode, " ex1 2mp "), "EX12MP");
}

#[test]
fn tags_are_short_and_differ_by_seller_field_and_generation() {
    let name = pii("Ada Example");
    let tags = |seller, field, generation| tree().search_key(SellerId::new(seller), field, generation).tags(&name);
    let ours = tags(7, SearchField::Name, 1);
    assert!(ours.iter().all(|tag| (0..1 << 10).contains(tag)), "{ours:?}");
    assert!(tags(7, SearchField::Postcode, 1).iter().all(|tag| (0..1 << 8).contains(tag)));
    assert_eq!(tags(7, SearchField::Name, 1), ours);
    assert_ne!(tags(8, SearchField::Name, 1), ours);
    assert_ne!(tags(7, SearchField::Name, 2), ours);
    let wide = |field| tree().search_key(SellerId::new(7), field, 1).with_bits(32).exact_tag(&pii("X"));
    assert_ne!(wide(SearchField::Name), wide(SearchField::Postcode));
}

#[test]
fn tags_never_change() {
    let names = tree().search_key(SellerId::new(7), SearchField::Name, 1);
    let postcodes = tree().search_key(SellerId::new(7), SearchField::Postcode, 1);
    assert_eq!(names.exact_tag(&pii("jones")), Some(615));
    assert_eq!(names.tags(&pii("Ada Smith-Jones")), [367, 432, 488, 554, 615]);
    assert_eq!(postcodes.exact_tag(&pii("EX1 2MP")), Some(104));
    assert_eq!(SearchField::ALL.map(SearchField::code), [1, 2]);
    assert!(SearchField::ALL.iter().all(|field| SearchField::from_code(field.code()) == Some(*field)));
    assert_eq!(SearchField::from_code(3), None);
}

#[test]
fn tags_of_any_width_are_the_first_bits_of_the_widest() {
    let wide = names().exact_tag(&pii("jones")).unwrap();
    for bits in 1..=32 {
        assert_eq!(names().with_bits(bits).exact_tag(&pii("jones")), Some(wide >> (32 - bits)), "{bits}");
    }
    assert_eq!(names().with_bits(0).exact_tag(&pii("jones")), Some(wide >> 31));
    assert_eq!(names().with_bits(99).exact_tag(&pii("jones")), Some(wide));
}

proptest! {
    #[test]
    fn every_name_is_found_by_each_of_its_words(name in "\\PC{1,40}") {
        let tags = names().tags(&pii(&name));
        for word in name.split_whitespace() {
            prop_assert!(names().query_tags(&pii(word)).iter().all(|tag| tags.contains(tag)), "{word:?}");
        }
    }

    #[test]
    fn case_never_matters(name in "[\\p{Latin}\\p{Cyrillic} '-]{1,40}") {
        let found_by = |typed: String| names().query_tags(&pii(&typed));
        prop_assert_eq!(found_by(name.clone()), found_by(name.to_uppercase()));
        prop_assert_eq!(found_by(name.clone()), found_by(name.to_lowercase()));
    }

    #[test]
    fn any_text_is_tagged_without_a_panic(text in any::<String>()) {
        prop_assert!(names().tags(&pii(&text)).iter().all(|tag| (0..1 << 32).contains(tag)));
        prop_assert!(postcodes().tags(&pii(&text)).len() <= 1);
    }
}
