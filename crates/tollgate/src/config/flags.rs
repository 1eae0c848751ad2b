//! Settings as flags: clap learns each flag, its variable, its default and its
//! help from the table in `settings`. Which source wins is `resolve`'s work.

use std::marker::PhantomData;

use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};

use super::settings::{Fallback, Setting};

/// The settings that a command takes as flags.
pub(crate) trait Scope {
    /// Groups of settings, in the order of the help text.
    const SETTINGS: &'static [&'static [&'static Setting]];
}

/// What was given for the settings of one scope on the command line. Variables
/// are in clap's help, but `resolve` reads them.
#[derive(Debug)]
pub(crate) struct Flags<S> {
    pub(crate) given: Vec<Given>,
    scope: PhantomData<S>,
}

/// A value given by flag.
pub(crate) struct Given {
    pub(crate) setting: &'static Setting,
    pub(crate) text: String,
}

impl std::fmt::Debug for Given {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut debug = formatter.debug_struct("Given");
        debug.field("setting", &self.setting.key);
        if !self.setting.secret {
            debug.field("text", &self.text);
        }
        debug.finish()
    }
}

impl<S> Flags<S> {
    /// No flag given.
    pub(crate) fn none() -> Self {
        Self { given: Vec::new(), scope: PhantomData }
    }
}

impl<S: Scope> Args for Flags<S> {
    fn augment_args(command: Command) -> Command {
        let settings = S::SETTINGS.iter().copied().flatten();
        settings.fold(command, |command, setting| match setting.flag {
            Some(flag) => command.arg(argument(setting, flag)),
            None => command,
        })
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

fn argument(setting: &'static Setting, flag: &'static str) -> Arg {
    let argument = Arg::new(setting.key)
        .long(flag)
        .env(setting.variable)
        .hide_env_values(true)
        .value_name(setting.placeholder)
        .action(ArgAction::Set)
        .help_heading(section_heading(setting));
    let argument = if setting.switch {
        argument.num_args(0..=1).require_equals(true).default_missing_value("true")
    } else {
        argument
    };
    match setting.fallback {
        Fallback::Text(text) => argument.default_value(text).help(setting.help),
        Fallback::Derived(how) => argument.help(format!("{} [default: {how}]", setting.help)),
        Fallback::Off => argument.help(setting.help),
    }
}

fn section_heading(setting: &Setting) -> &'static str {
    match setting.key.split_once('.') {
        Some(("log", _)) => "Logging",
        Some(("payoneer", _)) => "Calls to Payoneer",
        Some(_) => "Service",
        None if matches!(setting.key, "url" | "api_key_file") => "Gateway",
        None => "Storage",
    }
}

impl<S: Scope> FromArgMatches for Flags<S> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let settings = S::SETTINGS.iter().copied().flatten();
        let with_flag = settings.filter(|setting| setting.flag.is_some());
        let given = with_flag.filter_map(|setting| {
            let by_flag = matches.value_source(setting.key) == Some(ValueSource::CommandLine);
            let text = matches.get_one::<String>(setting.key)?.clone();
            by_flag.then_some(Given { setting, text })
        });
        Ok(Self { given: given.collect(), scope: PhantomData })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}
