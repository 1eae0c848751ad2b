//! The start page: what this is, how to get in, and the seed's commands ready to paste.
//! The API password appears only while it is the published default.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use secrecy::ExposeSecret as _;

use super::lang::Lang;
use super::reader::Reader;
use super::shell::{self, Shell};
use super::texts::StartText;
use crate::App;
use crate::world::{FIRST_EMAIL, FIRST_PASSWORD, FIRST_PAYEE, SECOND_EMAIL};

/// The password that every sandbox has unless told otherwise; it protects nothing.
const DEFAULT_PASSWORD: &str = "demo-api-password";
/// The payee of the commands: known to nobody at first.
const NEWCOMER: &str = "user-42";

#[derive(Template)]
#[template(path = "start.html")]
struct Start {
    shell: Shell,
    t: &'static StartText,
    english: String,
    chinese: String,
    url: String,
    program_id: String,
    username: String,
    /// The API password, if it may be shown.
    password: Option<&'static str>,
    first_payee: &'static str,
    first_email: &'static str,
    second_email: &'static str,
    people_password: &'static str,
    steps: Vec<(&'static str, String)>,
}

/// The start page's route.
pub(super) fn router() -> Router<Arc<App>> {
    Router::new().route("/", get(show))
}

async fn show(State(app): State<Arc<App>>, reader: Reader) -> Response {
    let shell = Shell::new(reader.lang);
    let t = &shell.t.start;
    let program_id = app.read(|w| w.program().id.clone());
    let is_default = app.access.api_password.expose_secret() == DEFAULT_PASSWORD;
    let password = is_default.then_some(DEFAULT_PASSWORD);
    let commands = commands(app.public_url(), &program_id, app.username(), password);
    let page = Start {
        shell,
        t,
        english: reader.address_with("lang", Lang::En.tag()),
        chinese: reader.address_with("lang", Lang::Zh.tag()),
        url: app.public_url().to_owned(),
        program_id,
        username: app.username().to_owned(),
        password,
        first_payee: FIRST_PAYEE,
        first_email: FIRST_EMAIL,
        second_email: SECOND_EMAIL,
        people_password: FIRST_PASSWORD,
        steps: t.steps.into_iter().zip(commands).collect(),
    };
    shell::page(StatusCode::OK, &page)
}

/// The seed's four calls for this sandbox. Without a password curl asks for it.
fn commands(url: &str, program_id: &str, username: &str, password: Option<&str>) -> [String; 4] {
    let user = password.map_or_else(|| username.to_owned(), |password| format!("{username}:{password}"));
    let command = |path: &str, body: &str| {
        format!(
            "curl -u {user} -X POST \\\n  {url}/v2/programs/{program_id}/{path} \\\n  -H 'Content-Type: application/json' \\\n  -d '{body}'",
            user = quoted(&user)
        )
    };
    let ask = command(&format!("payees/{NEWCOMER}/status/"), &format!(r#"{{"payee_id": "{NEWCOMER}"}}"#));
    let link = command("payees/registration-link/", &format!(r#"{{"payee_id": "{NEWCOMER}"}}"#));
    let charge = format!(
        r#"{{"payee_id":"{NEWCOMER}", "amount":"1.2", "client_reference_id":"test_88", "description":"Charge test", "currency":"USD"}}"#
    );
    [ask.clone(), link, ask, command("charges", &charge)]
}

/// A word for a POSIX shell: as it is if it is plain, in single quotes if it is not.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':' | '@');
    if word.chars().all(plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::{commands, quoted};

    #[test]
    fn words_survive_a_shell() {
        assert_eq!(quoted("demo:demo-api-password"), "demo:demo-api-password");
        assert_eq!(quoted("it's $HOME"), r"'it'\''s $HOME'");
    }

    #[test]
    fn a_password_of_ones_own_is_not_shown() {
        let all = commands("http://127.0.0.1:1", "100012345", "demo", None).join("\n");
        assert!(all.contains("curl -u demo -X POST \\\n  http://127.0.0.1:1/v2/programs/100012345/charges"));
    }
}
