//! `tollgate program`: the accounts with Payoneer that the gateway acts for.
//! Arguments and output only; the work is behind the administrator's door.

use std::io::Read;

use clap::{Args, Subcommand};
use domain::program::Environment;
use gateway::{NewProgram, Rotation};
use secrecy::SecretString;

use super::Context;
use super::admin::{self, AdminScope, stopped};
use super::diagnosis;
use crate::config::{Config, Flags};
use crate::exit::{Exit, Stop};
use crate::print;

/// Manage programs.
#[derive(Debug, Subcommand)]
pub(crate) enum Program {
    /// Add a program with its credentials, which are stored encrypted.
    Add(Add),
    /// List all programs.
    List(List),
    /// Show a program and what to paste into Payoneer's back office.
    Show(One),
    /// Change a program's credentials.
    Rotate(Rotate),
    /// Ask Payoneer whether it accepts the stored credentials.
    Check(One),
    /// Find out how Payoneer behaves, by small charges in a sandbox.
    Probe(super::probe::Probe),
}

/// Add a program.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tollgate program add --name Shop --program-id 100012345 --username demo \\
      --environment http://127.0.0.1:8090 --api-password-stdin < password
  TOLLGATE_API_PASSWORD=... tollgate program add --name Shop --program-id 100054321 \\
      --username shop --environment production --return-url https://shop.example/pay")]
pub(crate) struct Add {
    /// Your name for it; payees see it at checkout.
    #[arg(long)]
    name: String,
    /// Payoneer's number of it.
    #[arg(long)]
    program_id: String,
    /// The username of Payoneer's API.
    #[arg(long)]
    username: String,
    /// Where it lives: `sandbox` or `production` at Payoneer, or the base URL of a `tollgate sandbox`.
    #[arg(long, value_name = "sandbox|production|URL")]
    environment: String,
    /// Where payees go after authorisation when a request names no other place.
    #[arg(long, value_name = "URL")]
    return_url: Option<String>,
    #[command(flatten)]
    password: Password,
    #[command(flatten)]
    flags: Flags<AdminScope>,
}

/// List all programs.
#[derive(Debug, Args)]
pub(crate) struct List {
    #[command(flatten)]
    flags: Flags<AdminScope>,
}

/// One program.
#[derive(Debug, Args)]
pub(crate) struct One {
    /// Its id (`prg_...`), Payoneer's number or its name.
    program: String,
    #[command(flatten)]
    flags: Flags<AdminScope>,
}

/// Change a program's credentials.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  tollgate program rotate Shop --api-password-stdin < new-password")]
pub(crate) struct Rotate {
    /// Its id (`prg_...`), Payoneer's number or its name.
    program: String,
    /// A new username.
    #[arg(long)]
    username: Option<String>,
    #[command(flatten)]
    password: Password,
    #[command(flatten)]
    flags: Flags<AdminScope>,
}

/// The API password, from the safest source given.
#[derive(Args)]
struct Password {
    /// Read the API password from standard input. The safest way.
    #[arg(long)]
    api_password_stdin: bool,
    /// The API password. Careful: every user of this machine can see the arguments of a process,
    /// and shells remember them. Prefer --api-password-stdin or the variable.
    #[arg(long, value_name = "PASSWORD", env = "TOLLGATE_API_PASSWORD", hide_env_values = true)]
    api_password: Option<SecretString>,
}

impl std::fmt::Debug for Password {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Password").finish_non_exhaustive()
    }
}

/// Longer than any password; a wrong file on standard input is noticed.
const PASSWORD_BYTES_MAX: u64 = 1024;

impl Password {
    fn read(self) -> anyhow::Result<Option<SecretString>> {
        if !self.api_password_stdin {
            return Ok(self.api_password);
        }
        let mut text = String::new();
        std::io::stdin().lock().take(PASSWORD_BYTES_MAX + 1).read_to_string(&mut text)?;
        let password = text.trim_end_matches(['\r', '\n']);
        let length = u64::try_from(text.len()).unwrap_or(u64::MAX);
        if password.is_empty() || length > PASSWORD_BYTES_MAX || password.contains('\n') {
            return Err(Stop::new(Exit::Usage, "standard input must hold the API password on one line").into());
        }
        Ok(Some(SecretString::from(password)))
    }
}

impl Program {
    pub(crate) fn run(self, context: &Context<'_>) -> anyhow::Result<Exit> {
        match self {
            Self::Add(command) => command.run(context),
            Self::List(command) => command.run(context),
            Self::Show(command) => command.show(context),
            Self::Rotate(command) => command.run(context),
            Self::Check(command) => command.check(context),
            Self::Probe(command) => command.run(context),
        }
    }
}

impl Add {
    fn run(self, context: &Context<'_>) -> anyhow::Result<Exit> {
        let environment = Environment::parse(&self.environment).ok_or_else(|| {
            Stop::new(Exit::Usage, "--environment takes `sandbox`, `production` or a URL that begins with http")
        })?;
        let api_password = self.password.read()?.ok_or_else(|| {
            Stop::new(Exit::Usage, "the API password is missing")
                .advise("Give it with --api-password-stdin or in TOLLGATE_API_PASSWORD.")
        })?;
        let config = Config::load(context.config_file, self.flags)?;
        let new = NewProgram {
            name: self.name,
            program_id: self.program_id,
            environment,
            username: self.username,
            api_password,
            return_url: self.return_url,
        };
        super::block_on(async {
            let admin = admin::open(&config)?;
            let program = admin.add_program(new).await.map_err(stopped)?;
            let described = admin.describe(&program);
            admin.close().await;
            show(&described, context)
        })
    }
}

impl List {
    fn run(self, context: &Context<'_>) -> anyhow::Result<Exit> {
        let config = Config::load(context.config_file, self.flags)?;
        let programs: Vec<api::Program> = super::block_on(async {
            let admin = admin::open(&config)?;
            let programs = admin.programs().await.map_err(stopped)?;
            let programs = programs.iter().map(|program| admin.describe(program)).collect();
            admin.close().await;
            Ok(programs)
        })?;
        if context.json {
            print::json(&programs)?;
            return Ok(Exit::Success);
        }
        if programs.is_empty() {
            print::line("No program yet; `tollgate program add --help` shows how to add one.")?;
            return Ok(Exit::Success);
        }
        let rows: Vec<[String; 5]> = programs
            .into_iter()
            .map(|program| {
                let money = if program.live { "real" } else { "test" };
                [program.id, program.name, program.program_id, program.environment, money.to_owned()]
            })
            .collect();
        print::table(["program", "name", "payoneer's id", "environment", "money"], &rows)?;
        Ok(Exit::Success)
    }
}

impl One {
    fn show(self, context: &Context<'_>) -> anyhow::Result<Exit> {
        let config = Config::load(context.config_file, self.flags)?;
        super::block_on(async {
            let admin = admin::open(&config)?;
            let program = admin.program(&self.program).await.map_err(stopped)?;
            let capabilities = admin.capabilities(&program).await.map_err(stopped)?;
            let described = api::Program { capabilities, ..admin.describe(&program) };
            admin.close().await;
            show(&described, context)
        })
    }

    fn check(self, context: &Context<'_>) -> anyhow::Result<Exit> {
        let config = Config::load(context.config_file, self.flags)?;
        super::block_on(async {
            let admin = admin::open(&config)?;
            let program = admin.program(&self.program).await.map_err(stopped)?;
            let answer = admin.check_program(&program).await;
            admin.close().await;
            let diagnosis = diagnosis::of(&program, answer);
            if context.json {
                print::json(&diagnosis)?;
            } else {
                print::line(&diagnosis.finding)?;
                for advice in &diagnosis.advice {
                    print::line(format_args!("- {advice}"))?;
                }
            }
            Ok(if diagnosis.ok { Exit::Success } else { Exit::Failure })
        })
    }
}

impl Rotate {
    fn run(self, context: &Context<'_>) -> anyhow::Result<Exit> {
        let rotation = Rotation { username: self.username, api_password: self.password.read()? };
        if rotation.username.is_none() && rotation.api_password.is_none() {
            return Err(Stop::new(Exit::Usage, "nothing to change: give --username or a new API password").into());
        }
        let config = Config::load(context.config_file, self.flags)?;
        super::block_on(async {
            let admin = admin::open(&config)?;
            let program = admin.rotate_program(&self.program, rotation).await.map_err(stopped)?;
            let described = admin.describe(&program);
            admin.close().await;
            show(&described, context)
        })
    }
}

fn show(program: &api::Program, context: &Context<'_>) -> anyhow::Result<Exit> {
    if context.json {
        print::json(program)?;
        return Ok(Exit::Success);
    }
    print::facts(&[
        ("Program", program.id.clone()),
        ("Name", program.name.clone()),
        ("Payoneer's id", program.program_id.clone()),
        ("Environment", program.environment.clone()),
        ("Return URL", program.return_url.clone().unwrap_or_else(|| "(none)".to_owned())),
        ("Callbacks", program.callback_url.clone()),
    ])?;
    if !program.capabilities.is_empty() {
        print::line("\nWhat `tollgate program probe` has found:\n")?;
        super::probe::show(&program.capabilities)?;
    }
    print::line("\nPaste into the developer options of Payoneer's back office, one address per event:\n")?;
    for template in &program.callback_templates {
        print::line(format_args!("{}\n    {}", template.event, template.url))?;
    }
    print::line("\nKeep these addresses between you and Payoneer: their last part is a password.")?;
    Ok(Exit::Success)
}

#[cfg(test)]
mod tests {
    use super::Password;

    #[test]
    fn a_password_does_not_print() {
        let password = Password { api_password_stdin: false, api_password: Some("hunter2".into()) };
        assert!(!format!("{password:?}").contains("hunter2"));
    }
}
