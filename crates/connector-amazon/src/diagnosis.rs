//! Why an order does not parse: the field and what was expected there, without the value.

use serde_json::error::Category;
use serde_path_to_error::Segment;

use crate::dto;
use crate::fields;

/// What a parser of ours may have expected, and how a person says it. Nothing else of an error's text is repeated,
/// because the text may hold the value.
const EXPECTED: [(&str, &str); 4] = [
    ("a string", "not a text"),
    ("u32", "not a whole number of 0 to 4294967295"),
    ("a sequence", "not a list"),
    ("struct ", "not an object"),
];

/// Field path and reason of an order that does not parse.
pub(crate) fn explain(raw: &str) -> (String, String) {
    let mut json = serde_json::Deserializer::from_str(raw);
    let Err(error) = serde_path_to_error::deserialize::<_, dto::Order<'_>>(&mut json) else {
        return ("order".to_owned(), "could not be read at first, and could be read again".to_owned());
    };
    let mut field = String::new();
    for segment in error.path() {
        match segment {
            Segment::Seq { index } => field.push_str(&format!("[{index}]")),
            Segment::Map { key } => push_name(&mut field, key),
            Segment::Enum { .. } | Segment::Unknown => push_name(&mut field, "?"),
        }
    }
    let text = error.inner().to_string();
    let reason = match error.inner().classify() {
        Category::Data => match named(&text, "missing field `")
            .map(|name| (name, "missing"))
            .or_else(|| named(&text, "duplicate field `").map(|name| (name, "given twice")))
        {
            Some((name, reason)) => {
                push_name(&mut field, name);
                reason
            }
            None => expected(&text),
        },
        Category::Syntax | Category::Eof | Category::Io => "not valid JSON",
    };
    if field.is_empty() {
        field.push_str("order");
    }
    (field, reason.to_owned())
}

/// The field's name in an error's text that begins with `start`; such names are our own.
fn named<'t>(text: &'t str, start: &str) -> Option<&'t str> {
    text.strip_prefix(start)?.split('`').next()
}

fn expected(text: &str) -> &'static str {
    // the last one: a value with these words in it comes before
    let expected = text.rsplit_once(", expected ").map(|(_, expected)| expected).unwrap_or_default();
    EXPECTED
        .iter()
        .find_map(|(start, reason)| expected.starts_with(start).then_some(*reason))
        .unwrap_or("not of the type that the contract states")
}

/// Appends a name of the contract; anything else came with the answer and is not repeated.
fn push_name(field: &mut String, name: &str) {
    if !field.is_empty() {
        field.push('.');
    }
    field.push_str(if fields::is_contract_name(name) { name } else { "?" });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_the_contract_and_known_expectations_are_repeated() {
        let mut field = String::new();
        push_name(&mut field, "orderItems");
        push_name(&mut field, "Ada Example");
        push_name(&mut field, "quantityOrdered");
        assert_eq!(field, "orderItems.?.quantityOrdered");
        assert_eq!(expected("invalid type: string \"x, expected a string\", expected u32 at line 1"), EXPECTED[1].1);
        for odd in ["Ada Example", "invalid type, expected Ada Example", ""] {
            assert_eq!(expected(odd), "not of the type that the contract states");
        }
    }
}
