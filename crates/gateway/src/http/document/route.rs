//! What is said of one route: who may call it, what it takes and every answer it can give. Written beside the handler
//! as plain data; what follows from the rest (a body can be malformed, a key can be missing) is added here.

use super::schemas::{Schemas, form, reference};
use api::{Code, Problem};
use domain::api_key::Scope;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

/// One route of the API.
pub(in crate::http) struct Route {
    method: &'static str,
    path: &'static str,
    summary: &'static str,
    description: &'static str,
    scope: Option<Scope>,
    is_keyed: bool,
    is_conditional: bool,
    query: Vec<Parameter>,
    body: Option<Body>,
    answers: Vec<Answer>,
    codes: Vec<Code>,
}

/// A parameter of the query part.
#[derive(Clone)]
pub(in crate::http) struct Parameter {
    name: &'static str,
    description: &'static str,
    schema: Value,
}

struct Body {
    schema: fn(&mut Schemas) -> Value,
    is_required: bool,
    examples: Vec<(&'static str, Value)>,
}

#[derive(Clone)]
struct Answer {
    status: u16,
    description: &'static str,
    media_type: &'static str,
    schema: fn(&mut Schemas) -> Value,
    headers: &'static [&'static str],
}

const JSON: &str = "application/json";
/// Headers of every answer.
const ALWAYS: [&str; 1] = ["X-Request-Id"];
/// Headers of every answer under `/v1`.
const VERSIONED: [&str; 1] = ["Tollgate-Version"];

/// What a `GET` does.
pub(in crate::http) fn get(path: &'static str, summary: &'static str) -> Route {
    Route::new("get", path, summary)
}

/// What a `POST` does.
pub(in crate::http) fn post(path: &'static str, summary: &'static str) -> Route {
    Route::new("post", path, summary)
}

/// What another method does: `delete`, `put`, `patch`.
pub(in crate::http) fn other(method: &'static str, path: &'static str, summary: &'static str) -> Route {
    Route::new(method, path, summary)
}

/// A text in the query part, `schema` without its type.
pub(in crate::http) fn text(name: &'static str, description: &'static str, schema: Value) -> Parameter {
    let mut all = json!({ "type": "string" });
    merge(&mut all, form("", name).unwrap_or_default());
    merge(&mut all, schema);
    Parameter { name, description, schema: all }
}

/// A filter by one of the words of an enumeration.
pub(in crate::http) fn word<T: ToSchema>(name: &'static str, description: &'static str) -> Parameter {
    let mut schema = serde_json::to_value(T::schema()).unwrap_or_default();
    if let Some(schema) = schema.as_object_mut() {
        schema.remove("description");
    }
    Parameter { name, description, schema }
}

/// A filter that can only be switched on.
pub(in crate::http) fn switch(name: &'static str, description: &'static str) -> Parameter {
    Parameter { name, description, schema: json!({ "type": "string", "enum": ["true"] }) }
}

/// A whole number of at least this.
pub(in crate::http) fn whole_number(name: &'static str, description: &'static str, least: i64) -> Parameter {
    let schema = json!({ "type": "integer", "format": "int64", "minimum": least, "maximum": i64::MAX });
    Parameter { name, description, schema }
}

/// `limit`.
pub(in crate::http) fn limit() -> Parameter {
    let schema = json!({ "type": "integer", "minimum": 1, "maximum": 100, "default": 20 });
    Parameter { name: "limit", description: "How many items the page has.", schema }
}

/// `limit` and `cursor`.
pub(in crate::http) fn page() -> Vec<Parameter> {
    let form = json!({ "pattern": "^[a-z0-9_]{1,64}$" });
    vec![limit(), text("cursor", "The `next_cursor` of the page before.", form)]
}

/// `created_from` and `created_before`.
pub(in crate::http) fn range() -> [Parameter; 2] {
    let instant = || json!({ "format": "date-time" });
    [
        text("created_from", "Only what was made at this instant or later, to the millisecond.", instant()),
        text("created_before", "Only what was made before this instant.", instant()),
    ]
}

fn merge(into: &mut Value, more: Value) {
    if let (Value::Object(into), Value::Object(more)) = (into, more) {
        into.extend(more);
    }
}

impl Route {
    fn new(method: &'static str, path: &'static str, summary: &'static str) -> Self {
        Self {
            method,
            path,
            summary,
            description: "",
            scope: None,
            is_keyed: false,
            is_conditional: false,
            query: Vec::new(),
            body: None,
            answers: Vec::new(),
            codes: Vec::new(),
        }
    }

    /// What else there is to know, in Markdown without headings.
    pub(in crate::http) fn about(self, description: &'static str) -> Self {
        Self { description, ..self }
    }

    /// It needs an API key with this scope.
    pub(in crate::http) fn needs(self, scope: Scope) -> Self {
        Self { scope: Some(scope), ..self }
    }

    /// It needs an `Idempotency-Key`.
    pub(in crate::http) fn keyed(self) -> Self {
        Self { is_keyed: true, ..self }
    }

    /// It takes these parameters in its query part.
    pub(in crate::http) fn query(self, parameters: impl IntoIterator<Item = Parameter>) -> Self {
        Self { query: self.query.into_iter().chain(parameters).collect(), ..self }
    }

    /// It takes this body; each example has a name and must be one that the gateway takes: a test sends it.
    pub(in crate::http) fn body<T: ToSchema>(self, examples: &[(&'static str, Value)]) -> Self {
        let body = Body { schema: Schemas::add::<T>, is_required: true, examples: examples.to_vec() };
        Self { body: Some(body), ..self }
    }

    /// It has nothing to say: no body, or an empty object.
    pub(in crate::http) fn empty_body(self) -> Self {
        let schema = |_: &mut Schemas| json!({ "type": "object", "additionalProperties": false });
        Self { body: Some(Body { schema, is_required: false, examples: vec![("nothing", json!({}))] }), ..self }
    }

    /// It answers 200 with this.
    pub(in crate::http) fn answers<T: ToSchema>(self, description: &'static str) -> Self {
        self.with(Answer { status: 200, description, media_type: JSON, schema: Schemas::add::<T>, headers: &[] })
    }

    /// It answers 202 with this while there is more to come.
    pub(in crate::http) fn or_later<T: ToSchema>(self, description: &'static str) -> Self {
        self.with(Answer { status: 202, description, media_type: JSON, schema: Schemas::add::<T>, headers: &[] })
    }

    /// It answers 200 with one resource by its address, or 304 to who has it already.
    pub(in crate::http) fn shows<T: ToSchema>(self, description: &'static str) -> Self {
        let answer =
            Answer { status: 200, description, media_type: JSON, schema: Schemas::add::<T>, headers: &["ETag"] };
        Self { is_conditional: true, ..self }.with(answer)
    }

    /// It answers 200 with a page of these.
    pub(in crate::http) fn lists<T: ToSchema>(self, description: &'static str) -> Self {
        self.with(Answer { status: 200, description, media_type: JSON, schema: Schemas::add_list::<T>, headers: &[] })
    }

    /// It answers 201 with what it made.
    pub(in crate::http) fn creates<T: ToSchema>(self, description: &'static str) -> Self {
        let schema = Schemas::add::<T>;
        self.with(Answer { status: 201, description, media_type: JSON, schema, headers: &["Location"] })
    }

    /// It can move money: 201 the first time, 200 for a repeat, 202 while nobody knows.
    pub(in crate::http) fn moves<T: ToSchema>(self) -> Self {
        let answer = |status, description, headers| Answer {
            status,
            description,
            media_type: JSON,
            schema: Schemas::add::<T>,
            headers,
        };
        self.with(answer(201, "It was done, or definitely refused: see `status` and `outcome`.", &["Location"]))
            .with(answer(
                200,
                "The same request came before under this key: the resource as it is now.",
                &["Location", "Idempotent-Replayed"],
            ))
            .with(answer(
                202,
                "It is not known yet what became of it (`outcome` is `unknown`), or it is to be sent later.",
                &["Location", "Idempotent-Replayed"],
            ))
    }

    /// It answers 200 with some object.
    pub(in crate::http) fn states(self, description: &'static str) -> Self {
        let schema = |_: &mut Schemas| json!({ "type": "object" });
        self.with(Answer { status: 200, description, media_type: JSON, schema, headers: &[] })
    }

    /// It answers with this status and something that is no JSON.
    pub(in crate::http) fn gives(self, media_type: &'static str, description: &'static str) -> Self {
        let schema = |_: &mut Schemas| json!({ "type": "string" });
        self.with(Answer { status: 200, description, media_type, schema, headers: &[] })
    }

    /// It can refuse in these ways, beside the ones that follow from what it takes.
    pub(in crate::http) fn refuses(self, codes: &[Code]) -> Self {
        Self { codes: self.codes.into_iter().chain(codes.iter().copied()).collect(), ..self }
    }

    fn with(mut self, answer: Answer) -> Self {
        self.answers.push(answer);
        self
    }

    /// The method and the path.
    pub(super) const fn address(&self) -> (&'static str, &'static str) {
        (self.method, self.path)
    }

    fn is_versioned(&self) -> bool {
        self.path.starts_with("/v1/")
    }

    /// The first part of the path below the version: the plural of a noun.
    fn noun(&self) -> &'static str {
        let path = self.path.trim_start_matches("/v1").trim_start_matches('/');
        path.split(['/', '.']).next().unwrap_or_default()
    }

    /// A name for generated clients: `create_charge`, `list_charges`, `get_charge`, `cancel_charge`.
    fn id(&self) -> String {
        let singular = self.noun().strip_suffix('s').unwrap_or(self.noun());
        let rest: Vec<_> = self.path.trim_start_matches("/v1").split('/').skip(2).collect();
        match (self.method, rest.as_slice()) {
            ("get", []) if self.noun().ends_with('s') && self.is_versioned() => format!("list_{}", self.noun()),
            ("get", [] | [_]) => format!("get_{singular}"),
            ("post", []) => format!("create_{singular}"),
            ("get", [_, more]) => format!("get_{singular}_{more}"),
            ("post", [.., verb]) => format!("{verb}_{singular}"),
            (method, _) => format!("{method}_{singular}"),
        }
    }

    /// Every way in which it can refuse.
    fn all_codes(&self) -> Vec<Code> {
        let mut codes = self.codes.clone();
        let mut add = |more: &[Code]| codes.extend_from_slice(more);
        if self.scope.is_some() {
            add(&[Code::Unauthorized, Code::Forbidden, Code::RateLimited, Code::StoreUnavailable, Code::Internal]);
        }
        if self.is_versioned() {
            add(&[Code::VersionUnknown]);
        }
        if self.is_keyed {
            add(&[Code::IdempotencyKeyMissing, Code::IdempotencyKeyInvalid, Code::IdempotencyKeyReused]);
            add(&[Code::IdempotencyKeyInUse, Code::Draining]);
        }
        if let Some(body) = &self.body {
            add(&[Code::InvalidJson, Code::RequestTimeout, Code::BodyTooLarge, Code::UnsupportedMediaType]);
            add(&[Code::UnknownField]);
            if body.is_required {
                add(&[Code::InvalidField, Code::MissingField]);
            }
        }
        if !self.query.is_empty() {
            add(&[Code::BadRequest, Code::InvalidField, Code::UnknownField]);
        }
        if self.path.contains('{') {
            add(&[Code::NotFound]);
        }
        // In the order of the catalogue, each once.
        Code::ALL.iter().copied().filter(|code| codes.contains(code)).collect()
    }

    /// The operation object.
    pub(super) fn render(&self, schemas: &mut Schemas) -> Value {
        let mut responses = Map::new();
        for answer in &self.answers {
            responses.insert(answer.status.to_string(), self.success(answer, schemas));
        }
        if self.is_conditional {
            let description = "What `If-None-Match` names is still what is there.";
            let headers = self.headers(&["ETag"]);
            responses.insert("304".to_owned(), json!({ "description": description, "headers": headers }));
        }
        let codes = self.all_codes();
        for code in &codes {
            let status = code.entry().status;
            responses.entry(status.to_string()).or_insert_with(|| self.refusal(status, &codes, schemas));
        }
        let mut operation = json!({
            "operationId": self.id(),
            "tags": [self.noun()],
            "summary": self.summary,
            "parameters": self.parameters(schemas),
            "responses": responses,
            "security": self.scope.map_or_else(|| json!([]), |scope| json!([{ "api_key": [scope.as_str()] }])),
        });
        let description = self.description();
        if !description.is_empty() {
            operation["description"] = Value::String(description);
        }
        if let Some(body) = &self.body {
            let examples: Map<_, _> =
                body.examples.iter().map(|(name, value)| ((*name).to_owned(), json!({ "value": value }))).collect();
            let schema = (body.schema)(schemas);
            let content = json!({ JSON: { "schema": schema, "examples": examples } });
            operation["requestBody"] = json!({ "required": body.is_required, "content": content });
        }
        operation
    }

    fn description(&self) -> String {
        let needs = self.scope.map(|scope| format!("Needs the scope `{scope}`."));
        [self.description.to_owned(), needs.unwrap_or_default()].join("\n\n").trim().to_owned()
    }

    fn parameters(&self, schemas: &Schemas) -> Vec<Value> {
        let mut parameters = Vec::new();
        for name in self.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')) {
            let schema = schemas.path_parameter(self.noun(), name);
            parameters.push(json!({ "name": name, "in": "path", "required": true, "schema": schema }));
        }
        for Parameter { name, description, schema } in &self.query {
            parameters.push(json!({ "name": name, "in": "query", "description": description, "schema": schema }));
        }
        if self.is_keyed {
            parameters.push(reference("parameters", "IdempotencyKey"));
        }
        if self.is_conditional {
            parameters.push(reference("parameters", "IfNoneMatch"));
        }
        if self.is_versioned() {
            parameters.push(reference("parameters", "Version"));
        }
        parameters
    }

    fn headers(&self, own: &[&str]) -> Map<String, Value> {
        let limited = if self.scope.is_some() { ["RateLimit", "RateLimit-Policy"].as_slice() } else { &[] };
        let versioned = if self.is_versioned() { VERSIONED.as_slice() } else { &[] };
        let names = ALWAYS.iter().chain(versioned).chain(limited).chain(own);
        names.map(|name| ((*name).to_owned(), reference("headers", name))).collect()
    }

    fn success(&self, answer: &Answer, schemas: &mut Schemas) -> Value {
        let schema = (answer.schema)(schemas);
        json!({
            "description": answer.description,
            "headers": self.headers(answer.headers),
            "content": { answer.media_type: { "schema": schema } },
        })
    }

    /// All refusals with one status.
    fn refusal(&self, status: u16, codes: &[Code], schemas: &mut Schemas) -> Value {
        let lines = codes.iter().filter(|code| code.entry().status == status).map(|code| {
            let entry = code.entry();
            format!("- `{code}`: {} (outcome `{}`, retry `{}`)", entry.title, entry.outcome, entry.retry)
        });
        let own = if [409, 429, 503].contains(&status) { ["Retry-After"].as_slice() } else { &[] };
        json!({
            "description": lines.collect::<Vec<_>>().join("\n"),
            "headers": self.headers(own),
            "content": { Problem::MEDIA_TYPE: { "schema": schemas.add::<Problem>() } },
        })
    }
}
