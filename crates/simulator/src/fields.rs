//! Fields of a JSON order by path, for example `orderItems[].fulfillment.packing.giftOption.giftMessage`.

use serde_json::{Map, Value};

/// Every text at `path`; `[]` after a name goes through all members of the list.
pub(crate) fn texts<'a>(value: &'a Value, path: &str) -> Vec<&'a str> {
    let mut level = vec![value];
    for part in path.split('.') {
        let (name, each) = match part.strip_suffix("[]") {
            Some(name) => (name, true),
            None => (part, false),
        };
        let members = level.into_iter().filter_map(|value| value.get(name));
        level = if each { members.filter_map(Value::as_array).flatten().collect() } else { members.collect() };
    }
    level.into_iter().filter_map(Value::as_str).collect()
}

/// Takes away what lies at `path`, and every object that is left empty by it.
pub(crate) fn remove(value: &mut Value, path: &str) {
    let (part, rest) = match path.split_once('.') {
        Some((part, rest)) => (part, Some(rest)),
        None => (path, None),
    };
    let (name, each) = match part.strip_suffix("[]") {
        Some(name) => (name, true),
        None => (part, false),
    };
    let Some(object) = value.as_object_mut() else { return };
    let Some(rest) = rest else {
        object.remove(name);
        return;
    };
    let Some(member) = object.get_mut(name) else { return };
    if each {
        for item in member.as_array_mut().into_iter().flatten() {
            remove(item, rest);
        }
        return;
    }
    remove(member, rest);
    if member.as_object().is_some_and(Map::is_empty) {
        object.remove(name);
    }
}

/// RFC 7396: objects are merged, `null` takes away, anything else replaces.
pub(crate) fn merge(target: &mut Value, patch: &Value) {
    let Some(changes) = patch.as_object() else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Some(object) = target.as_object_mut() else { return };
    for (name, change) in changes {
        if change.is_null() {
            object.remove(name);
        } else {
            merge(object.entry(name.as_str()).or_insert(Value::Null), change);
        }
    }
}

/// The members that are there: `None` is left out, as the marketplaces do.
pub(crate) fn members<const N: usize>(members: [(&str, Option<Value>); N]) -> Map<String, Value> {
    members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

/// An object of the members that are there.
pub(crate) fn object<const N: usize>(list: [(&str, Option<Value>); N]) -> Value {
    Value::Object(members(list))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn texts_are_found_through_lists() {
        let order = json!({"a": {"b": "one"}, "l": [{"c": {"d": "two"}}, {"c": {}}, {"c": {"d": "three"}}]});
        assert_eq!(texts(&order, "a.b"), ["one"]);
        assert_eq!(texts(&order, "l[].c.d"), ["two", "three"]);
        assert!(texts(&order, "a.b.c").is_empty() && texts(&order, "l[].x").is_empty());
    }

    #[test]
    fn what_is_removed_leaves_no_empty_object() {
        let mut order = json!({"a": {"b": {"c": 1}}, "l": [{"c": 1, "d": 2}], "k": {}});
        remove(&mut order, "a.b.c");
        remove(&mut order, "l[].c");
        remove(&mut order, "no.such");
        assert_eq!(order, json!({"l": [{"d": 2}], "k": {}}));
    }

    #[test]
    fn merging_follows_rfc_7396() {
        let mut order = json!({"a": {"b": 1, "c": 2}, "d": [1, 2]});
        merge(&mut order, &json!({"a": {"b": null, "x": {"y": null, "z": 3}}, "d": [9]}));
        assert_eq!(order, json!({"a": {"c": 2, "x": {"z": 3}}, "d": [9]}));
    }
}
