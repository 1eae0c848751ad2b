//! Tests that the documents say what the binary does: every command they show
//! is one that the command line takes, and the table of settings is the one in
//! force. Nothing here runs in the product.

use std::path::PathBuf;

use clap::Parser;

use crate::cli::Cli;
use crate::config::settings::{ALL, Fallback};

const DOCUMENTS: &[&str] = &[
    "README.md",
    "README.zh-CN.md",
    "CONTRIBUTING.md",
    "docs/configuration.md",
    "docs/operations.md",
    "docs/postgresql.md",
    "docs/operators.md",
    "docs/sandbox.md",
    "docs/verdict.md",
];
const BEGIN: &str = "<!-- settings: printed by the code -->\n";
const END: &str = "<!-- end of settings -->\n";

fn path(document: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..").join(document)
}

fn read(document: &str) -> String {
    std::fs::read_to_string(path(document)).unwrap_or_else(|error| panic!("{document}: {error}"))
}

/// The simple commands of a shell script, as words; enough for the ones in documents.
fn commands(script: &str) -> Vec<Vec<String>> {
    let mut commands = vec![Vec::new()];
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut skip_next = false;
    let mut characters = script.replace("\\\n", " ").chars().collect::<Vec<_>>().into_iter().peekable();
    let end_word = |word: &mut Option<String>, commands: &mut Vec<Vec<String>>, skip: &mut bool| {
        if let Some(word) = word.take()
            && !std::mem::take(skip)
        {
            commands.last_mut().expect("one").push(word);
        }
    };
    while let Some(character) = characters.next() {
        match (quote, character) {
            (Some(open), character) if character == open => quote = None,
            (Some(_), character) => word.get_or_insert_default().push(character),
            (None, '\'' | '"') => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            (None, '#') if word.is_none() => while characters.next_if(|next| *next != '\n').is_some() {},
            (None, '<' | '>') => {
                end_word(&mut word, &mut commands, &mut skip_next);
                skip_next = true;
            }
            (None, '\n' | '|' | ';' | '&' | '(' | ')') => {
                end_word(&mut word, &mut commands, &mut skip_next);
                commands.push(Vec::new());
            }
            (None, character) if character.is_whitespace() => end_word(&mut word, &mut commands, &mut skip_next),
            (None, character) => word.get_or_insert_default().push(character),
        }
    }
    end_word(&mut word, &mut commands, &mut skip_next);
    commands.retain(|command| !command.is_empty());
    commands
}

/// The arguments of `tollgate`, if the command runs it.
fn arguments(command: &[String]) -> Option<Vec<String>> {
    let assignments = command.iter().take_while(|word| word.split_once('=').is_some_and(|(name, _)| !name.is_empty()));
    let command = command.get(assignments.count()..)?;
    match command.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["tollgate", ..] => Some(command.to_vec()),
        ["cargo", "run", ..] => {
            let dashes = command.iter().position(|word| word == "--")?;
            Some([&["tollgate".to_owned()], command.get(dashes + 1..)?].concat())
        }
        _ => None,
    }
}

fn scripts(markdown: &str) -> String {
    let mut inside = false;
    let mut scripts = String::new();
    for line in markdown.lines() {
        if line.starts_with("```") {
            inside = line == "```sh" && !inside;
        } else if inside {
            scripts.push_str(line);
            scripts.push('\n');
        }
    }
    scripts
}

#[test]
fn every_command_in_the_documents_is_understood() {
    let mut seen = 0;
    for document in DOCUMENTS {
        for command in commands(&scripts(&read(document))) {
            let Some(arguments) = arguments(&command) else { continue };
            seen += 1;
            if let Err(error) = Cli::try_parse_from(&arguments) {
                assert_eq!(error.exit_code(), 0, "{document}: {}\n{error}", arguments.join(" "));
            }
        }
    }
    assert!(seen > 20, "only {seen} commands found");
}

#[test]
fn commands_are_read_as_a_shell_would() {
    let script = "echo a | tollgate program add --name \"My Shop\" \\\n  --api-password-stdin < file # why\nKEY=$(tollgate key list) X=1 cargo run -q -- demo > out\n";
    let read: Vec<Vec<String>> = commands(script).iter().filter_map(|command| arguments(command)).collect();
    assert_eq!(
        read,
        [
            vec!["tollgate", "program", "add", "--name", "My Shop", "--api-password-stdin"],
            vec!["tollgate", "key", "list"],
            vec!["tollgate", "demo"],
        ]
    );
    assert!(Cli::try_parse_from(["tollgate", "program", "ad"]).is_err());
}

/// With `TOLLGATE_WRITE_DOCUMENTS=1` the table is written instead of compared.
#[test]
fn the_table_of_settings_is_the_one_in_force() {
    let mut table = "| In the file | Flag | Environment | Default | Meaning |\n|---|---|---|---|---|\n".to_owned();
    for setting in ALL {
        let key = if setting.in_file { format!("`{}`", setting.key) } else { "-".to_owned() };
        let flag = setting.flag.map_or("-".to_owned(), |flag| format!("`--{flag}`"));
        let default = match setting.fallback {
            Fallback::Text(text) => format!("`{text}`"),
            Fallback::Derived(how) => how.to_owned(),
            Fallback::Off => "-".to_owned(),
        };
        let row = [&key, &flag, &format!("`{}`", setting.variable), &default, setting.help];
        table.push_str("| ");
        table.push_str(&row.map(|cell| cell.replace('|', "\\|")).join(" | "));
        table.push_str(" |\n");
    }
    let document = read("docs/configuration.md");
    let (before, rest) = document.split_once(BEGIN).expect("the beginning of the table");
    let (printed, after) = rest.split_once(END).expect("the end of the table");
    if std::env::var_os("TOLLGATE_WRITE_DOCUMENTS").is_some() {
        std::fs::write(path("docs/configuration.md"), format!("{before}{BEGIN}{table}{END}{after}")).expect("written");
        return;
    }
    assert_eq!(printed, table, "run this test with TOLLGATE_WRITE_DOCUMENTS=1");
}
