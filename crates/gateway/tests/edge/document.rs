//! The OpenAPI document as a judge: what the gateway answers must be one of the answers that it describes.

use super::Reply;
use jsonschema::Validator;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};

/// The document as it is served.
pub(crate) static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(gateway::openapi()).expect("the document is JSON"));

static VALIDATORS: LazyLock<Mutex<HashMap<String, Arc<Validator>>>> = LazyLock::new(Mutex::default);

/// The path of the document that this path is an instance of; a word beats a parameter.
fn template(path: &str) -> Option<&'static str> {
    let path = path.split('?').next().unwrap_or_default();
    let parts: Vec<_> = path.split('/').collect();
    let fits = |template: &&String| {
        let wanted: Vec<_> = template.split('/').collect();
        let same = |(wanted, part): (&&str, &&str)| wanted == part || wanted.starts_with('{') && !part.is_empty();
        wanted.len() == parts.len() && wanted.iter().zip(&parts).all(same)
    };
    let paths = DOCUMENT["paths"].as_object().expect("paths");
    paths.keys().filter(fits).min_by_key(|template| template.matches('{').count()).map(String::as_str)
}

/// The schema as a validator.
fn validator(schema: &Value) -> Arc<Validator> {
    let mut known = VALIDATORS.lock().expect("a lock");
    let name = schema.to_string();
    let made = known.entry(name).or_insert_with(|| {
        let mut whole = schema.clone();
        whole["components"] = json!({ "schemas": DOCUMENT["components"]["schemas"] });
        let options = jsonschema::draft202012::options().should_validate_formats(true);
        Arc::new(options.build(&whole).expect("a schema"))
    });
    Arc::clone(made)
}

/// Why the value is not what the schema says, in one line for each reason.
pub(crate) fn flaws(schema: &Value, value: &Value) -> Vec<String> {
    let validator = validator(schema);
    validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

/// Panics where the document does not describe this answer.
pub(crate) fn check(method: &str, path: &str, reply: &Reply) {
    let Some(template) = template(path) else { return };
    let Some(operation) = DOCUMENT["paths"][template].get(method.to_lowercase()) else {
        // HEAD is answered as GET is; any other method is not there.
        assert!(method == "HEAD" || [405, 501].contains(&reply.status), "{method} {path}: {}", reply.status);
        return;
    };
    let said = &operation["responses"][reply.status.to_string()];
    let what = format!("{method} {path} answered {}", reply.status);
    assert!(said.is_object(), "{what}, which the document does not know: {}", reply.text());
    let Some(content) = said.get("content").and_then(Value::as_object) else {
        assert!(reply.body.is_empty(), "{what} with a body");
        return;
    };
    let media_type = reply.header("content-type").split(';').next().unwrap_or_default().to_owned();
    let Some(described) = content.get(&media_type) else { panic!("{what} as {media_type}") };
    if media_type.ends_with("json") {
        let flaws = flaws(&described["schema"], &reply.json());
        assert!(flaws.is_empty(), "{what}, but\n{}\nin {}", flaws.join("\n"), reply.text());
    }
    let headers = said["headers"].as_object().expect("headers");
    let always = ["X-Request-Id", "Tollgate-Version", "Location"];
    for name in always.into_iter().filter(|name| headers.contains_key(*name)) {
        assert!(!reply.header(name).is_empty(), "{what} without {name}");
    }
}
