//! The checks of what is outside: the stored programs, Payoneer, the clocks,
//! the way back to us. Payoneer is asked one harmless question per program.

use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use domain::program::{Environment, Program};
use gateway::{Admin, AdminError, Trust};
use url::Url;

use super::Examined;
use crate::command::diagnosis;

/// How long anybody outside may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// Clocks further apart than this make signatures of callbacks look old.
const APART: Duration = Duration::from_mins(1);

/// Whether the database went back in time, and whether the clock did.
pub(crate) async fn history(admin: &Admin) -> Vec<Examined> {
    let trust = match admin.trust() {
        Trust::Sound => Examined::ok("history", "the database is as new as the one that was seen last"),
        Trust::Restored => Examined::ok("history", "the database was restored once, and an operator has let it go on"),
        Trust::Quarantined => {
            Examined::failure("history", "the database is older than the one that was seen last, so nothing is sent")
                .advise("If a newer copy exists, put that one back.")
                .advise("Else: `tollgate quarantine reconcile`, then `tollgate quarantine leave`.")
        }
    };
    let clock = match admin.newest_event_ahead().await {
        Ok(Some(ahead)) if ahead.seconds() > 2 => Examined::failure(
            "clock",
            format!("this machine's clock is {} s behind the newest event in the database", ahead.seconds()),
        )
        .advise("Correct the clock, and keep it correct with NTP."),
        Ok(_) => Examined::ok("clock", "not behind the newest event in the database"),
        Err(error) => Examined::failure("clock", format!("the newest event could not be read: {error}")),
    };
    vec![trust, clock]
}

/// Everything about one program.
pub(crate) async fn program(admin: &Admin, program: &Program) -> Vec<Examined> {
    vec![
        credentials(admin, program).await,
        clock_of(program).await,
        keys(admin, program).await,
        callbacks(admin, program).await,
    ]
}

async fn credentials(admin: &Admin, program: &Program) -> Examined {
    const NAME: &str = "payoneer";
    let answer = admin.check_program(program).await;
    if let Err(AdminError::Engine(gateway::engine::Error::Misconfigured(cause))) = &answer {
        return Examined::failure(
            NAME,
            format!("the stored password of program {} cannot be used: {cause}", program.name),
        )
        .advise("The key is not the one that the database was made with: restore it.")
        .advise("Is it lost, store the password anew with `tollgate program rotate`.");
    }
    let found = diagnosis::of(program, answer);
    let check = if found.ok { Examined::ok(NAME, found.finding) } else { Examined::failure(NAME, found.finding) };
    Examined { advice: found.advice, ..check }
}

/// Every answer of a web server tells its time, whatever else it says.
async fn clock_of(program: &Program) -> Examined {
    const NAME: &str = "clocks";
    let place = program.environment.as_str();
    let base = match place.parse::<payoneer::Environment>().map(|environment| environment.base_url()) {
        Ok(Ok(base)) => base,
        Ok(Err(error)) | Err(error) => return Examined::failure(NAME, format!("{place}: {error}")),
    };
    let Some(answer) = get(&base).await else {
        return Examined::skipped(NAME, format!("{place} does not answer, so its clock cannot be compared"));
    };
    let date = answer.headers().get("date").and_then(|date| date.to_str().ok());
    let Some(theirs) = date.and_then(|date| httpdate::parse_http_date(date).ok()) else {
        return Examined::skipped(NAME, format!("{place} does not tell its time"));
    };
    let ours = SystemTime::now();
    let apart = ours.duration_since(theirs).or_else(|_| theirs.duration_since(ours)).unwrap_or_default();
    if apart > APART {
        return Examined::failure(NAME, format!("this machine and {place} are {} s apart", apart.as_secs()))
            .advise("Correct this machine's clock, and keep it correct with NTP.");
    }
    Examined::ok(NAME, format!("this machine and {place} agree within {} s", apart.as_secs().saturating_add(1)))
}

async fn keys(admin: &Admin, program: &Program) -> Examined {
    const NAME: &str = "api keys";
    match admin.keys(program).await {
        Ok(keys) if keys.iter().any(|key| key.revoked_at.is_none()) => {
            Examined::ok(NAME, format!("program {} has a valid key", program.name))
        }
        Ok(_) => Examined::warning(NAME, format!("program {} has no valid key, so nobody can use it", program.name))
            .advise(format!("`tollgate key create --program {} --name backend`", program.id)),
        Err(error) => Examined::failure(NAME, error.to_string()),
    }
}

/// Payoneer's developer options cannot be read from here; whether callbacks come tells whether they are right.
async fn callbacks(admin: &Admin, program: &Program) -> Examined {
    const NAME: &str = "developer options";
    match admin.newest_callback(program).await {
        Ok(Some(_)) => Examined::ok(NAME, format!("callbacks of program {} have come", program.name)),
        Ok(None) => Examined::warning(NAME, format!("no callback of program {} has ever come", program.name))
            .advise(format!(
                "Paste the addresses of `tollgate program show {}` into Payoneer's developer options.",
                program.id
            ))
            .advise("Everything works without callbacks, only later."),
        Err(error) => Examined::failure(NAME, error.to_string()),
    }
}

/// Whether Payoneer can reach us, as far as that can be told from here.
pub(crate) async fn way_back(public_url: &str, programs: &[Program]) -> Examined {
    const NAME: &str = "public address";
    let Ok(url) = public_url.parse::<Url>() else {
        return Examined::failure(NAME, format!("{public_url} is no address"));
    };
    let real = programs.iter().any(|program| !matches!(program.environment, Environment::Url(_)));
    let ours = is_ours_alone(&url).await;
    if real && ours {
        return Examined::failure(
            NAME,
            format!("{public_url} is an address that only this machine or network can reach"),
        )
        .advise("Set serve.public_url to the address under which the world reaches the gateway.")
        .advise("Until then no callback comes, and payees cannot come back from Payoneer's page.");
    }
    if real && url.scheme() != "https" {
        return Examined::warning(NAME, format!("{public_url} is not encrypted"))
            .advise("Put the gateway behind a server with TLS and set serve.public_url to its https address.");
    }
    let Ok(health) = url.join(&format!("{}/healthz", url.path().trim_end_matches('/'))) else {
        return Examined::failure(NAME, format!("{public_url} is no address"));
    };
    let alive = match get(&health).await {
        Some(answer) => answer.text().await.is_ok_and(|text| text.contains("\"alive\"")),
        None => false,
    };
    if alive {
        return Examined::ok(NAME, format!("the gateway answers at {public_url}, at least from here"));
    }
    Examined::warning(NAME, format!("no gateway answers at {public_url} from here"))
        .advise("Is it running? If it is, look at what stands between: name, firewall, reverse proxy.")
}

async fn is_ours_alone(url: &Url) -> bool {
    let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else { return false };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let Ok(found) = tokio::net::lookup_host((host, port)).await else { return false };
    let mut found = found.peekable();
    found.peek().is_some() && found.all(|address| is_private(address.ip()))
}

fn is_private(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => ip.is_loopback() || ip.is_private() || ip.is_link_local() || ip.is_unspecified(),
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unspecified() || ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}

async fn get(url: &Url) -> Option<reqwest::Response> {
    let http = reqwest::Client::builder().timeout(PATIENCE).redirect(reqwest::redirect::Policy::none()).no_proxy();
    http.build().ok()?.get(url.clone()).send().await.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_address_that_nobody_else_reaches_is_known_as_such() {
        for (url, ours) in [
            ("http://127.0.0.1:8080", true),
            ("http://localhost", true),
            ("https://192.168.1.5/pay", true),
            ("http://[::1]:80", true),
            ("http://[fd00::1]", true),
            ("https://93.184.216.34", false),
        ] {
            assert_eq!(is_ours_alone(&url.parse().unwrap()).await, ours, "{url}");
        }
    }
}
