//! Charges a payee against any address that speaks Payoneer's v2, and says what the answer proves.
//! An illustration of the order of things; a real program stores the bytes before it sends them.
//!
//! ```text
//! cargo run -p payoneer --example charge -- PAYEE_ID AMOUNT CURRENCY REFERENCE
//! cargo run -p payoneer --example charge -- Test123 1.20 USD order-1001
//! ```
//!
//! | Variable | Default |
//! |---|---|
//! | `PAYONEER_URL` | `http://127.0.0.1:8090/`; also `sandbox` or `production` |
//! | `PAYONEER_PROGRAM_ID` | `100012345` |
//! | `PAYONEER_USERNAME` | `demo` |
//! | `PAYONEER_API_PASSWORD` | `demo-api-password` |
//!
//! Exit status: 0 taken, 1 certainly not taken, 2 not known (look at the status later; never send another reference).

use std::error::Error;
use std::process::ExitCode;

use payoneer::secrecy::SecretString;
use payoneer::{
    Client, Code, Config, CreateCharge, Currency, Description, Environment, LinkRequest, PayeeId, PayeeStatus, Proof,
    Reference,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("nothing was sent: {error}");
            ExitCode::from(1)
        }
    }
}

async fn run() -> Result<ExitCode, Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [payee_id, amount, currency, reference] = arguments.as_slice() else {
        return Err("arguments are PAYEE_ID AMOUNT CURRENCY REFERENCE".into());
    };
    let payee_id = PayeeId::new(payee_id.as_str())?;
    let reference = Reference::new(reference.as_str())?;
    let charge = CreateCharge::new(
        payee_id.clone(),
        amount.parse()?,
        Currency::new(currency.as_str())?,
        reference.clone(),
        Description::new("Example charge")?,
    )?;

    let client = Client::new(&config()?)?;
    client.echo().await?;
    println!("address, program and credentials are right");

    match client.payee_status(&payee_id).await {
        Ok(report) if report.status == PayeeStatus::Active => println!("{payee_id} is active"),
        Ok(report) => return Err(format!("{payee_id} is {}, and cannot be charged", report.status).into()),
        Err(error) if error.code().is_some_and(Code::needs_authorization) => {
            let link = client.registration_link(&LinkRequest::new(payee_id.clone())).await?;
            return Err(format!("{payee_id} has not authorised yet; open {}", link.url).into());
        }
        Err(error) => return Err(error.into()),
    }

    // A real program commits these bytes to its database here, before the next line.
    let bytes = charge.to_bytes();
    let answer = client.send_charge(&bytes, &charge.expected()).await;
    println!("HTTP {:?}: {}", answer.exchange.http_status, answer.exchange.body_excerpt);
    let code = match answer.proof {
        Proof::Done(receipt) => {
            println!("taken; Payoneer's audit id is {}", receipt.audit_id);
            0
        }
        Proof::Declined(problem) => {
            println!("certainly not taken: {problem}");
            1
        }
        Proof::NeverSent(cause) => {
            println!("certainly not taken: {cause}");
            1
        }
        Proof::Unknown(doubt) => {
            println!("not known: {doubt}");
            2
        }
    };
    match client.charge_status(&reference).await {
        Ok(report) if report.repeated.contradiction(&charge.expected()).is_none() => println!("status: {}", report.raw),
        Ok(_) => println!("the status is about another charge"),
        Err(error) => println!("no status: {error}"),
    }
    Ok(ExitCode::from(code))
}

fn config() -> Result<Config, Box<dyn Error>> {
    let variable = |name: &str, default: &str| std::env::var(name).unwrap_or_else(|_| default.to_owned());
    let environment: Environment = variable("PAYONEER_URL", "http://127.0.0.1:8090/").parse()?;
    let password = SecretString::from(variable("PAYONEER_API_PASSWORD", "demo-api-password"));
    let program_id = variable("PAYONEER_PROGRAM_ID", "100012345");
    Ok(Config::new(environment, program_id, variable("PAYONEER_USERNAME", "demo"), password))
}
