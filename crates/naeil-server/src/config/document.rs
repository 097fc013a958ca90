//! The schema and an example file, generated from the settings' own documentation.

use schemars::schema::{RootSchema, Schema, SchemaObject};
use serde_json::Value;

use super::areas::Config;

/// JSON Schema of the configuration file.
pub(crate) fn schema() -> Value {
    serde_json::to_value(root()).expect("a schema is plain data")
}

/// A configuration file with every setting at its default, documented.
pub(crate) fn example() -> String {
    let root = root();
    let defaults = serde_json::to_value(Config::default()).expect("settings are plain data");
    let mut top = String::from(
        "# Every setting of naeil at its default. A variable of the environment wins over this\n\
         # file: http.bind is NAEIL_HTTP__BIND. A secret may also be given as a file:\n\
         # NAEIL_AUTH__JWT_SECRET_FILE=/path/to/secret, and so may an address with a password:\n\
         # NAEIL_STORE__URL_FILE=/path/to/address\n",
    );
    let mut areas = String::new();
    for (key, schema) in properties(&root.schema) {
        let default = &defaults[&key];
        let area = resolved(&root, schema);
        if default.is_object() {
            areas.push_str(&table(&root, &key, schema, area, default));
        } else {
            top.push_str(&entry(&key, schema, default));
        }
    }
    top + &areas
}

/// One area under its heading, and the areas inside it after it.
fn table(
    root: &RootSchema,
    path: &str,
    described: &SchemaObject,
    area: &SchemaObject,
    defaults: &Value,
) -> String {
    let (mut own, mut inner) = (String::new(), String::new());
    for (name, field) in properties(area) {
        let default = &defaults[&name];
        if default.is_object() {
            let path = format!("{path}.{name}");
            inner += &table(root, &path, field, resolved(root, field), default);
        } else {
            own += &entry(&name, field, default);
        }
    }
    // An area that only holds others has nothing to head.
    if own.is_empty() {
        return inner;
    }
    format!("\n{}[{path}]\n{own}{inner}", comment(described))
}

fn root() -> RootSchema {
    schemars::r#gen::SchemaSettings::draft07()
        .into_generator()
        .into_root_schema_for::<Config>()
}

fn properties(object: &SchemaObject) -> Vec<(String, &SchemaObject)> {
    let Some(object) = &object.object else {
        return Vec::new();
    };
    object
        .properties
        .iter()
        .filter_map(|(key, schema)| match schema {
            Schema::Object(schema) => Some((key.clone(), schema)),
            Schema::Bool(_) => None,
        })
        .collect()
}

/// Follows a reference, alone or wrapped in `allOf` because of a description beside it.
fn resolved<'a>(root: &'a RootSchema, schema: &'a SchemaObject) -> &'a SchemaObject {
    let wrapped = schema
        .subschemas
        .as_ref()
        .and_then(|s| s.all_of.as_ref()?.first());
    let reference = match wrapped {
        Some(Schema::Object(inner)) => inner.reference.as_ref(),
        _ => schema.reference.as_ref(),
    };
    let target = reference.and_then(|r| root.definitions.get(r.rsplit('/').next()?));
    match target {
        Some(Schema::Object(target)) => target,
        _ => schema,
    }
}

fn comment(schema: &SchemaObject) -> String {
    let description = schema.metadata.as_ref().and_then(|m| m.description.clone());
    description
        .unwrap_or_default()
        .lines()
        .map(|line| format!("# {line}\n"))
        .collect()
}

fn entry(name: &str, schema: &SchemaObject, default: &Value) -> String {
    let text = comment(schema);
    match default {
        Value::Null => format!("{text}# {name} =\n"),
        value => format!("{text}{name} = {value}\n"),
    }
}
