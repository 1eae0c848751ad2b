//! What the page shows of the OpenAPI document: the same facts in the order in which a person reads them.

use super::markdown::{Block, blocks};
use serde_json::Value;

/// The whole page.
pub(super) struct Reference {
    pub(super) version: String,
    pub(super) about: Vec<Block>,
    pub(super) groups: Vec<Group>,
    pub(super) schemas: Vec<Schema>,
}

/// What one noun can do.
pub(super) struct Group {
    pub(super) name: String,
    pub(super) title: String,
    pub(super) about: Vec<Block>,
    pub(super) operations: Vec<Operation>,
}

/// One route.
pub(super) struct Operation {
    pub(super) id: String,
    pub(super) method: String,
    pub(super) path: String,
    pub(super) summary: String,
    pub(super) about: Vec<Block>,
    pub(super) parameters: Vec<Parameter>,
    pub(super) body: Option<Form>,
    pub(super) examples: Vec<Example>,
    pub(super) answers: Vec<Answer>,
    pub(super) needs_key: bool,
    pub(super) is_keyed: bool,
}

/// One parameter.
pub(super) struct Parameter {
    pub(super) name: String,
    pub(super) place: String,
    pub(super) is_required: bool,
    pub(super) form: Form,
    pub(super) about: Vec<Block>,
}

/// One body that the gateway takes.
pub(super) struct Example {
    pub(super) name: String,
    pub(super) json: String,
}

/// One status.
pub(super) struct Answer {
    pub(super) status: String,
    pub(super) about: Vec<Block>,
    pub(super) form: Option<Form>,
}

/// A body with its fields.
pub(super) struct Schema {
    pub(super) name: String,
    pub(super) about: Vec<Block>,
    pub(super) form: Option<Form>,
    pub(super) fields: Vec<Field>,
}

/// One field.
pub(super) struct Field {
    pub(super) name: String,
    pub(super) is_required: bool,
    pub(super) form: Form,
    pub(super) about: Vec<Block>,
}

/// What a value looks like: words, and the schema that says more.
pub(super) struct Form {
    pub(super) text: String,
    pub(super) link: Option<String>,
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// What a reference leads to.
fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    let target = value["$ref"].as_str().and_then(|reference| document.pointer(reference.trim_start_matches('#')));
    target.unwrap_or(value)
}

impl Reference {
    /// Reads the document.
    pub(super) fn of(document: &Value) -> Self {
        let group = |tag: &Value| Group {
            name: text(&tag["name"]),
            title: title(&text(&tag["name"])),
            about: blocks(tag["description"].as_str().unwrap_or_default()),
            operations: operations(document, &tag["name"]),
        };
        let schema = |(name, schema): (&String, &Value)| Schema {
            name: name.clone(),
            about: blocks(schema["description"].as_str().unwrap_or_default()),
            form: schema.get("properties").is_none().then(|| form(schema)),
            fields: fields(schema),
        };
        Self {
            version: text(&document["info"]["version"]),
            about: blocks(document["info"]["description"].as_str().unwrap_or_default()),
            groups: items(&document["tags"]).map(group).collect(),
            schemas: entries(&document["components"]["schemas"]).map(schema).collect(),
        }
    }
}

/// A noun of a path as a heading.
fn title(noun: &str) -> String {
    let mut letters = noun.chars().map(|letter| if letter == '_' { ' ' } else { letter });
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

/// Creating first, then looking, then the rest; shorter addresses before longer ones.
fn operations(document: &Value, tag: &Value) -> Vec<Operation> {
    let all = entries(&document["paths"])
        .flat_map(|(path, item)| entries(item).map(move |(method, operation)| (path, method, operation)));
    let mut found: Vec<_> = all
        .filter(|(_, _, operation)| operation["tags"][0] == *tag)
        .map(|(path, method, operation)| read(document, path, method, operation))
        .collect();
    found.sort_by_key(|operation| (operation.path.matches('/').count(), operation.method != "POST"));
    found
}

fn read(document: &Value, path: &str, method: &str, operation: &Value) -> Operation {
    let body = &operation["requestBody"]["content"]["application/json"];
    let examples = entries(&body["examples"]).filter(|(_, example)| example["value"] != serde_json::json!({}));
    let answer = |(status, response): (&String, &Value)| Answer {
        status: status.clone(),
        about: blocks(response["description"].as_str().unwrap_or_default()),
        form: entries(&response["content"]).next().map(|(_, content)| form(&content["schema"])),
    };
    let parameters: Vec<_> = items(&operation["parameters"])
        .map(|parameter| resolved(document, parameter))
        .map(|parameter| Parameter {
            name: text(&parameter["name"]),
            place: text(&parameter["in"]),
            is_required: parameter["required"] == true,
            form: form(&parameter["schema"]),
            about: blocks(parameter["description"].as_str().unwrap_or_default()),
        })
        .collect();
    Operation {
        id: text(&operation["operationId"]),
        method: method.to_uppercase(),
        path: path.to_owned(),
        summary: text(&operation["summary"]),
        about: blocks(operation["description"].as_str().unwrap_or_default()),
        body: body["schema"].get("$ref").is_some().then(|| form(&body["schema"])),
        examples: examples
            .map(|(name, example)| Example { name: name.replace('_', " "), json: format!("{:#}", example["value"]) })
            .collect(),
        answers: entries(&operation["responses"]).map(answer).collect(),
        needs_key: operation["security"].as_array().is_some_and(|needs| !needs.is_empty()),
        is_keyed: parameters.iter().any(|parameter| parameter.name == "Idempotency-Key"),
        parameters,
    }
}

/// Required fields first.
fn fields(schema: &Value) -> Vec<Field> {
    let required: Vec<_> = items(&schema["required"]).filter_map(Value::as_str).collect();
    let mut fields: Vec<_> = entries(&schema["properties"])
        .map(|(name, property)| Field {
            name: name.clone(),
            is_required: required.contains(&name.as_str()),
            form: form(property),
            about: blocks(property["description"].as_str().unwrap_or_default()),
        })
        .collect();
    fields.sort_by_key(|field| !field.is_required);
    fields
}

/// A schema in a few words.
fn form(schema: &Value) -> Form {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.rsplit('/').next().unwrap_or_default().to_owned();
        return Form { text: name.clone(), link: Some(name) };
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        // An optional value of a type of its own.
        let some = choices.iter().find(|choice| choice["type"] != "null");
        let Form { text, link } = some.map_or(Form { text: String::new(), link: None }, form);
        return Form { text: format!("{text} | null"), link };
    }
    let kind = match &schema["type"] {
        Value::String(kind) => kind.clone(),
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" | "),
        _ => "any".to_owned(),
    };
    if kind == "array" {
        let Form { text, link } = form(&schema["items"]);
        return Form { text: format!("list of {text}"), link };
    }
    let words = |key: &str| {
        let words: Vec<_> = items(&schema[key]).filter_map(Value::as_str).collect();
        (!words.is_empty() && words.len() <= 12).then(|| words.join(", "))
    };
    let said = |key: &str, name: &str| schema.get(key).map(|value| format!("{name} {value}"));
    let more = [
        schema["const"].as_str().map(str::to_owned),
        words("enum"),
        schema["format"].as_str().map(str::to_owned),
        schema["pattern"].as_str().map(str::to_owned),
        said("minimum", "from"),
        said("maximum", "to"),
    ];
    let more: Vec<_> = more.into_iter().flatten().collect();
    let text = if more.is_empty() { kind } else { format!("{kind}: {}", more.join(" ")) };
    Form { text, link: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_in_the_document_is_on_the_page() {
        let document = crate::http::document();
        let reference = Reference::of(&document);
        let shown: usize = reference.groups.iter().map(|group| group.operations.len()).sum();
        let described: usize = entries(&document["paths"]).map(|(_, item)| entries(item).count()).sum();
        assert_eq!(shown, described);
        let charges = reference.groups.iter().find(|group| group.name == "charges").unwrap();
        assert_eq!(
            (charges.operations[0].method.as_str(), charges.operations[0].path.as_str()),
            ("POST", "/v1/charges")
        );
        assert!(charges.operations[0].is_keyed && charges.operations[0].needs_key);
        assert!(charges.operations[0].examples.iter().all(|example| example.json.contains("payee_id")));
        assert!(reference.schemas.iter().all(|schema| schema.form.is_some() || !schema.fields.is_empty()));
    }

    #[test]
    fn a_form_is_said_in_a_few_words() {
        let said = |schema: Value| form(&schema).text;
        assert_eq!(said(serde_json::json!({ "type": ["string", "null"], "format": "uri" })), "string | null: uri");
        assert_eq!(said(serde_json::json!({ "oneOf": [{ "type": "null" }, { "$ref": "#/c/Time" }] })), "Time | null");
        assert_eq!(said(serde_json::json!({ "type": "array", "items": { "$ref": "#/c/Charge" } })), "list of Charge");
        assert_eq!(said(serde_json::json!({ "type": "integer", "minimum": 1, "maximum": 9 })), "integer: from 1 to 9");
        assert_eq!(said(serde_json::json!({})), "any");
    }
}
