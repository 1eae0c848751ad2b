//! What an answer to `program check` means, in plain words, and what to do.
//! Only reads the answer; asks nobody.

use domain::program::Program;
use gateway::AdminError;
use gateway::engine::Error;
use payoneer::exchange::{Cause, Fault};
use serde::Serialize;

/// What was found out.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Diagnosis {
    /// Whether the program can be used.
    pub(crate) ok: bool,
    /// One sentence.
    pub(crate) finding: String,
    /// What to try, the likeliest first.
    pub(crate) advice: Vec<String>,
}

/// Reads the answer.
pub(crate) fn of(program: &Program, answer: Result<(), AdminError>) -> Diagnosis {
    let place = program.environment.as_str();
    let Err(error) = answer else {
        let finding = format!("Payoneer ({place}) accepts the credentials of program {}.", program.program_id);
        return Diagnosis { ok: true, finding, advice: Vec::new() };
    };
    let (finding, advice): (String, Vec<String>) = match &error {
        AdminError::Engine(Error::Payoneer(error)) => match error {
            payoneer::Error::Refused(problem) if matches!(problem.http_status, 401 | 403) => credentials(program),
            payoneer::Error::Unexpected { http_status: 401 | 403, .. } => credentials(program),
            payoneer::Error::Refused(problem) => refused(problem),
            payoneer::Error::Unexpected { http_status, .. } => (
                format!("{place} answered with HTTP status {http_status}, but not as Payoneer's API does."),
                vec![
                    "Something else may listen there: check the environment of this program.".to_owned(),
                    "A proxy between you and Payoneer may answer in its place.".to_owned(),
                ],
            ),
            payoneer::Error::Transport { fault } => transport(place, *fault),
            other => (format!("Payoneer could not be asked: {other}."), Vec::new()),
        },
        other => (format!("Payoneer could not be asked: {other}."), Vec::new()),
    };
    Diagnosis { ok: false, finding, advice }
}

fn credentials(program: &Program) -> (String, Vec<String>) {
    (
        format!("Payoneer refuses the credentials of program {}.", program.program_id),
        vec![
            "Use the *API* password, which is not the password of Payoneer's web site.".to_owned(),
            format!(
                "The username must be the one issued with program {}: now `{}`.",
                program.program_id, program.username
            ),
            format!(
                "Credentials of Payoneer's sandbox do not work in production, nor the other way: this program is in `{}`.",
                program.environment.as_str()
            ),
            "Correct them with `tollgate program rotate`.".to_owned(),
        ],
    )
}

fn refused(problem: &payoneer::Problem) -> (String, Vec<String>) {
    let mut advice: Vec<String> = problem.hint.iter().map(|hint| format!("Payoneer's hint: {hint}")).collect();
    if let Some(audit_id) = problem.audit_id {
        advice.push(format!("Payoneer's support finds this request under audit id {audit_id}."));
    }
    (format!("Payoneer answered, and refused: {} (code {}).", problem.description, problem.code), advice)
}

fn transport(place: &str, fault: Fault) -> (String, Vec<String>) {
    let advice = match fault {
        Fault::NotConnected(Cause::NameResolution) => {
            "Is the address spelt right, and does this machine reach a name server?"
        }
        Fault::NotConnected(Cause::ConnectRefused) => {
            "Nothing listens there. If it is a `tollgate sandbox`, is it running?"
        }
        Fault::NotConnected(Cause::ConnectTimeout) => {
            "A firewall may drop the connection: outgoing HTTPS must be allowed."
        }
        Fault::NotConnected(Cause::TlsHandshake) => {
            "Something between may intercept TLS, or the address must begin with http://."
        }
        Fault::Deadline => "It connected but did not answer in time; try again, or raise payoneer.query_timeout.",
        _ => "Try again; if it stays so, look at what is between this machine and Payoneer.",
    };
    (format!("No answer from {place}: {fault}."), vec![advice.to_owned()])
}
