//! The schemas of bodies: derived from the types of `api`, then made as strict as what is written about them.
//! One word means one thing, so a word has one form wherever it stands: the forms are here, in one table.

use domain::DeliveryId;
use domain::event::EventType;
use domain::webhook_endpoint::{KINDS_MAX, OVERLAP_MAX};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

/// The schemas that operations have spoken of so far.
#[derive(Default)]
pub(in crate::http) struct Schemas(Map<String, Value>);

/// Ends the name of a schema that has another one's; a test looks for it.
pub(super) const TWICE: &str = "_twice";

/// What leaves a field out instead of writing `null`.
const LEFT_OUT: [(&str, &[&str]); 2] =
    [("Problem", &["field", "provider", "resource", "authorize"]), ("WebhookEndpoint", &["secret"])];

/// Words that may come to mean more without a new version of the API, so that clients must not list them.
const GROWING: [&str; 1] = ["Code"];

pub(super) fn reference(kind: &str, name: &str) -> Value {
    json!({ "$ref": format!("#/components/{kind}/{name}") })
}

/// Printable, and not only spaces.
const PRINTABLE: &str = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$";
/// No segment of a path that means another place.
const PAYEE_ID: &str = r#"^([A-Za-z0-9_\-^@!?"]|\.[A-Za-z0-9_\-^@!?"]|\.\.[A-Za-z0-9_\-^@!?".])[A-Za-z0-9_\-^@!?".]*$"#;
/// Not only points and spaces.
const REFERENCE: &str = r"^[A-Za-z0-9_\-^()@/!# $:.]*[A-Za-z0-9_\-^()@/!#$:][A-Za-z0-9_\-^()@/!# $:.]*$";

/// The form of a word, in whatever body or address it stands.
pub(super) fn form(body: &str, word: &str) -> Option<Value> {
    let form = match word {
        "description" if body.ends_with("WebhookEndpoint") => {
            json!({ "maxLength": 200, "pattern": "^[^\\x00-\\x1f\\x7f-\\x9f]*$" })
        }
        "url" if body.ends_with("WebhookEndpoint") => json!({ "format": "uri", "maxLength": 2_048 }),
        "types" => json!({ "minItems": 1, "maxItems": KINDS_MAX, "items": { "type": "string", "enum": kinds() } }),
        "headers" => json!({
            "maxProperties": 16,
            "propertyNames": { "pattern": "^[A-Za-z][A-Za-z0-9-]{0,63}$" },
            "additionalProperties": { "type": "string", "maxLength": 1_024, "pattern": "^[ -~]*$" },
        }),
        "overlap_seconds" => json!({ "minimum": 0, "maximum": OVERLAP_MAX.seconds() }),
        "from" | "to" | "failed_since" => json!({ "format": "date-time" }),
        "payee_id" => json!({ "pattern": PAYEE_ID, "maxLength": 50, "examples": ["Test123"] }),
        "currency" => json!({ "pattern": "^[A-Z]{3}$", "examples": ["USD"] }),
        "description" => {
            json!({ "minLength": 1, "maxLength": 150, "pattern": PRINTABLE, "examples": ["Order 4711"] })
        }
        "client_reference_id" => json!({ "pattern": REFERENCE, "maxLength": 50, "examples": ["order-4711"] }),
        "idempotency_key" => json!({ "pattern": "^[!-~]{1,255}$", "maxLength": 255 }),
        "purpose" => json!({ "minLength": 1, "maxLength": 100, "pattern": "^[^\\x00-\\x1f\\x7f-\\x9f]*$" }),
        "metadata" => json!({
            "maxProperties": 50,
            "propertyNames": { "pattern": "^[^\\x00-\\x1f\\x7f-\\x9f]{1,40}$" },
            "additionalProperties": { "type": "string", "maxLength": 500, "pattern": "^[^\\x00]*$" },
        }),
        "return_url" | "success_url" | "cancel_url" => json!({
            "format": "uri", "maxLength": 2_048, "examples": ["https://shop.example/back"],
        }),
        "first_name" | "last_name" => json!({ "minLength": 1, "maxLength": 26 }),
        "reason" | "evidence" => json!({ "minLength": 1, "maxLength": 500, "pattern": PRINTABLE }),
        "name" => json!({ "minLength": 1, "maxLength": 100, "pattern": PRINTABLE }),
        "scopes" => json!({ "minItems": 1 }),
        "expires_in_days" => json!({ "minimum": 1, "maximum": 3_650 }),
        "email" => json!({ "format": "email", "maxLength": 254 }),
        "expires_in_seconds" => json!({ "minimum": 300, "maximum": 2_592_000 }),
        _ => return None,
    };
    Some(form)
}

/// What an endpoint can ask for: every type, every group of types, and all of them.
fn kinds() -> Vec<String> {
    let types: Vec<_> = EventType::ALL.iter().map(ToString::to_string).collect();
    let groups = types.iter().filter_map(|kind| kind.split_once('.')).map(|(group, _)| format!("{group}.*"));
    let mut all: Vec<_> = groups.collect();
    all.dedup();
    all.push("*".to_owned());
    all.extend(types);
    all
}

impl Schemas {
    /// A reference to the schema of this type, which is then among the components.
    pub(super) fn add<T: ToSchema>(&mut self) -> Value {
        let mut all = vec![(T::name().into_owned(), T::schema())];
        T::schemas(&mut all);
        for (name, schema) in all {
            let schema = strict(&name, serde_json::to_value(schema).unwrap_or_default());
            // Two types of one name would be one schema for both.
            let name =
                if self.0.get(&name).is_some_and(|known| *known != schema) { format!("{name}{TWICE}") } else { name };
            self.0.insert(name, schema);
        }
        reference("schemas", &T::name())
    }

    /// The same for a page of them.
    pub(super) fn add_list<T: ToSchema>(&mut self) -> Value {
        let item = self.add::<T>();
        let name = format!("{}List", T::name());
        let schema = json!({
            "type": "object",
            "description": "One page of a list.",
            "required": ["object", "data", "next_cursor"],
            "properties": {
                "object": { "type": "string", "const": "list" },
                "data": { "type": "array", "items": item, "maxItems": 100 },
                "next_cursor": {
                    "type": ["string", "null"],
                    "description": "What to pass as `cursor` (for events: as `after`) to get the next page; `null` on the last one.",
                },
            },
        });
        self.0.insert(name.clone(), schema);
        reference("schemas", &name)
    }

    /// The form of a segment of a path below this noun.
    pub(super) fn path_parameter(&self, noun: &str, name: &str) -> Value {
        let mut schema = json!({ "type": "string" });
        let known = form(noun, name).or_else(|| {
            let resource: String = noun.strip_suffix('s').unwrap_or(noun).split('_').map(capitalised).collect();
            let pattern = self.0.get(&resource)?.pointer(&format!("/properties/{name}/pattern"))?;
            Some(json!({ "pattern": pattern }))
        });
        if let (Some(Value::Object(form)), Some(schema)) = (known, schema.as_object_mut()) {
            schema.extend(form);
        }
        schema
    }

    /// All of them.
    pub(super) fn finish(self) -> Value {
        Value::Object(self.0)
    }
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

/// Makes a derived schema say all that is known.
fn strict(name: &str, mut schema: Value) -> Value {
    if GROWING.contains(&name)
        && let Some(schema) = schema.as_object_mut()
        && let Some(words) = schema.remove("enum")
    {
        schema.insert("x-extensible-enum".to_owned(), words);
    }
    let is_asked = schema["additionalProperties"] == json!(false);
    let is_resource = schema.pointer("/properties/object").is_some();
    let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) else { return schema };
    for (word, property) in properties.iter_mut() {
        promised(property);
        let form = form(name, word).filter(|form| is_asked || is_resource && form.get("format") != Some(&json!("uri")));
        if let (Some(Value::Object(form)), Some(property)) = (form, property.as_object_mut()) {
            property.extend(form);
        }
    }
    if !is_asked {
        // An answer writes every field, `null` where there is nothing to say.
        let left_out = LEFT_OUT.iter().find(|(of, _)| *of == name).map_or([].as_slice(), |(_, fields)| fields);
        let required: Vec<_> = properties.keys().filter(|word| !left_out.contains(&word.as_str())).cloned().collect();
        schema["required"] = json!(required);
    }
    schema
}

/// A comment that begins with "Always `x`" or "`ch_...`" is a promise, so the schema says it too.
fn promised(property: &mut Value) {
    let description = property["description"].as_str().unwrap_or_default();
    let quoted = |text: &str| text.strip_prefix('`')?.split('`').next().map(str::to_owned);
    if let Some(constant) = description.strip_prefix("Always ").and_then(quoted) {
        property["const"] = Value::String(constant);
    } else if let Some(prefix) = quoted(description).and_then(|text| text.strip_suffix("...").map(str::to_owned)) {
        // A delivery is of one event to one endpoint, and its id names both.
        let more = if prefix == DeliveryId::PREFIX { "_[0-9a-z]{26}" } else { "" };
        property["pattern"] = Value::String(format!("^{prefix}[0-9a-z]{{26}}{more}$"));
    }
}
