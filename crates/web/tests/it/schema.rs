//! JSON against the schemas of one document: that part of JSON Schema which stands in ours, and nothing silently else.

use std::collections::BTreeSet;

use ordersync_types::Timestamp;
use serde_json::Value;

/// Words that say nothing about what may stand there.
const SILENT: [&str; 3] = ["description", "writeOnly", "required"];

pub(crate) struct Schemas<'d> {
    pub(crate) document: &'d Value,
}

impl<'d> Schemas<'d> {
    /// What is wrong with the value, each with its place; empty when nothing.
    pub(crate) fn faults(&self, schema: &'d Value, value: &Value) -> Vec<String> {
        let mut faults = Vec::new();
        self.whole(schema, value, "$", &mut faults);
        faults
    }

    /// What a reference stands for.
    #[track_caller]
    pub(crate) fn resolved(&self, reference: &str) -> &'d Value {
        let found = reference.strip_prefix('#').and_then(|pointer| self.document.pointer(pointer));
        assert!(found.is_some(), "{reference} leads nowhere");
        found.unwrap()
    }

    /// The parts of a schema, and that the value holds no key of which none of them knows.
    fn whole(&self, schema: &'d Value, value: &Value, at: &str, faults: &mut Vec<String>) {
        self.part(schema, value, at, faults);
        let known = self.known(schema, value);
        if let (Some(fields), false) = (value.as_object(), known.is_empty()) {
            let unknown = fields.keys().filter(|name| !known.contains(name.as_str()));
            faults.extend(unknown.map(|name| format!("{at}.{name}: not in the schema")));
        }
    }

    fn part(&self, schema: &'d Value, value: &Value, at: &str, faults: &mut Vec<String>) {
        assert!(schema.is_object(), "{at}: a schema that is no object: {schema}");
        for (word, rule) in schema.as_object().unwrap() {
            let fits = match word.as_str() {
                "$ref" => {
                    self.part(self.resolved(rule.as_str().unwrap()), value, at, faults);
                    true
                }
                "allOf" => {
                    rule.as_array().unwrap().iter().for_each(|one| self.part(one, value, at, faults));
                    true
                }
                "oneOf" => rule.as_array().unwrap().iter().filter(|one| self.fits(one, value)).count() == 1,
                "type" => is_of(rule, value),
                "enum" => rule.as_array().unwrap().contains(value),
                "minimum" => value.as_i64().is_none_or(|number| number >= rule.as_i64().unwrap()),
                "minItems" => value.as_array().is_none_or(|items| items.len() as u64 >= rule.as_u64().unwrap()),
                "format" => is_written_as(rule.as_str().unwrap(), value),
                "properties" => {
                    self.fields(schema, value, at, faults);
                    true
                }
                "items" | "prefixItems" => {
                    self.items(schema, word, value, at, faults);
                    true
                }
                "additionalProperties" => {
                    assert_eq!(rule, false);
                    let own = schema["properties"].as_object().unwrap();
                    value.as_object().is_none_or(|fields| fields.keys().all(|name| own.contains_key(name)))
                }
                silent => {
                    assert!(SILENT.contains(&silent), "{at}: `{silent}` is not read here");
                    true
                }
            };
            if !fits {
                faults.push(format!("{at}: not {word} {rule}"));
            }
        }
    }

    fn fits(&self, schema: &'d Value, value: &Value) -> bool {
        let mut faults = Vec::new();
        self.part(schema, value, "", &mut faults);
        faults.is_empty()
    }

    fn fields(&self, schema: &'d Value, value: &Value, at: &str, faults: &mut Vec<String>) {
        let Some(fields) = value.as_object() else { return };
        let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
        faults.extend(
            required.filter(|name| !fields.contains_key(*name)).map(|name| format!("{at}.{name}: required, not there")),
        );
        for (name, schema) in schema["properties"].as_object().unwrap() {
            if let Some(value) = fields.get(name) {
                self.whole(schema, value, &format!("{at}.{name}"), faults);
            }
        }
    }

    fn items(&self, schema: &'d Value, word: &str, value: &Value, at: &str, faults: &mut Vec<String>) {
        let Some(items) = value.as_array() else { return };
        let places = schema["prefixItems"].as_array().map_or(&[] as &[Value], Vec::as_slice);
        for (index, item) in items.iter().enumerate() {
            let at = format!("{at}[{index}]");
            match (word, places.get(index)) {
                ("prefixItems", Some(place)) => self.whole(place, item, &at, faults),
                ("items", None) if schema["items"] == false => faults.push(format!("{at}: one too many")),
                ("items", None) => self.whole(&schema["items"], item, &at, faults),
                _ => {}
            }
        }
    }

    /// The keys that a schema names for this value.
    fn known(&self, schema: &'d Value, value: &Value) -> BTreeSet<&'d str> {
        let mut known: BTreeSet<&str> =
            schema["properties"].as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
        if let Some(reference) = schema["$ref"].as_str() {
            known.extend(self.known(self.resolved(reference), value));
        }
        let all = schema["allOf"].as_array().into_iter().flatten();
        let one = schema["oneOf"].as_array().into_iter().flatten().filter(|one| self.fits(one, value));
        known.extend(all.chain(one).flat_map(|part| self.known(part, value)));
        known
    }
}

fn is_of(kinds: &Value, value: &Value) -> bool {
    let kind = |kind: &Value| match kind.as_str().unwrap() {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        other => {
            assert_eq!(other, "object", "a type that is not read here");
            value.is_object()
        }
    };
    kinds.as_array().map_or_else(|| kind(kinds), |kinds| kinds.iter().any(kind))
}

fn is_written_as(format: &str, value: &Value) -> bool {
    match (format, value.as_str()) {
        ("date-time", Some(text)) => text.ends_with('Z') && text.parse::<Timestamp>().is_ok(),
        ("date", Some(text)) => text.len() == 10 && format!("{text}T00:00:00Z").parse::<Timestamp>().is_ok(),
        ("int32", None) => value.as_i64().is_none_or(|number| i32::try_from(number).is_ok()),
        ("int64", None) => value.is_null() || value.is_i64(),
        ("password", Some(_)) => true,
        (_, text) => text.is_none() && value.is_null(),
    }
}

#[test]
fn a_wrong_value_is_found() {
    let document = serde_json::json!({ "components": { "schemas": {
        "Base": { "type": "object", "required": ["a"], "properties": { "a": { "type": ["string", "null"] } } },
        "Whole": { "allOf": [
            { "$ref": "#/components/schemas/Base" },
            { "type": "object", "properties": {
                "pair": { "type": "array", "items": false, "minItems": 2, "prefixItems": [{ "type": "string" }, { "type": "integer" }] },
                "at": { "type": "string", "format": "date-time" },
                "one": { "oneOf": [{ "type": "null" }, { "$ref": "#/components/schemas/Base" }] },
            } },
        ] },
    } } });
    let schemas = Schemas { document: &document };
    let whole = schemas.resolved("#/components/schemas/Whole");
    for (value, fault) in [
        (serde_json::json!({ "a": null, "pair": ["x", 1], "at": "2026-11-02T10:00:00Z", "one": { "a": "b" } }), None),
        (serde_json::json!({}), Some("$.a: required, not there")),
        (serde_json::json!({ "a": 1 }), Some("$.a: not type [\"string\",\"null\"]")),
        (serde_json::json!({ "a": "b", "c": 1 }), Some("$.c: not in the schema")),
        (serde_json::json!({ "a": "b", "pair": ["x"] }), Some("$.pair: not minItems 2")),
        (serde_json::json!({ "a": "b", "pair": ["x", 1, 2] }), Some("$.pair[2]: one too many")),
        (serde_json::json!({ "a": "b", "pair": [1, 1] }), Some("$.pair[0]: not type \"string\"")),
        (serde_json::json!({ "a": "b", "at": "yesterday" }), Some("$.at: not format \"date-time\"")),
        (serde_json::json!({ "a": "b", "one": { "a": "b", "c": 1 } }), Some("$.one.c: not in the schema")),
    ] {
        assert_eq!(schemas.faults(whole, &value).first().map(String::as_str), fault, "{value}");
    }
}
