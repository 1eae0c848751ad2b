//! The key under which the gateway encrypts stored credentials: from the
//! environment, or from a file of its owner alone that is made on first use.
//! The encryption itself is the gateway's.

use std::io::{ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use anyhow::Context;
use data_encoding::{BASE64, HEXLOWER_PERMISSIVE};
use gateway::Location;
use secrecy::{ExposeSecret, SecretBox, SecretString};

use crate::config::{Config, settings};
use crate::exit::{Exit, Stop};

/// Length of the key in bytes.
const KEY_BYTES: usize = 32;

/// The key, which never prints.
type KeyBytes = SecretBox<[u8; KEY_BYTES]>;

/// Finds the key as configured. A missing file is made, but never beside a
/// database that exists: that one was written under another key.
pub(crate) fn find(config: &Config) -> anyhow::Result<gateway::MasterKey> {
    let key = configured(config)?;
    Ok(gateway::MasterKey::new(*key.expose_secret()))
}

/// As [`find`], but makes nothing: `None` where the first start is still to come and will make the key.
pub(crate) fn look(config: &Config) -> anyhow::Result<Option<gateway::MasterKey>> {
    // A key that nodes share is never made by itself.
    let Location::Sqlite(database) = config.value(&settings::DATABASE)? else { return find(config).map(Some) };
    let file = config.optional::<PathBuf>(&settings::KEY_FILE)?;
    let file = file.unwrap_or_else(|| database.with_file_name("tollgate.key"));
    let is_new = config.find(&settings::KEY).is_none() && !file.exists() && !database.exists();
    if is_new { Ok(None) } else { find(config).map(Some) }
}

/// The key in a file, made beside a database that does not exist yet.
pub(crate) fn in_file(file: &Path, database: &Path) -> anyhow::Result<gateway::MasterKey> {
    let key = from_file(file, database).map_err(|error| Stop::new(Exit::Storage, format!("{error:#}")))?;
    Ok(gateway::MasterKey::new(*key.expose_secret()))
}

fn configured(config: &Config) -> anyhow::Result<KeyBytes> {
    if let Some(text) = config.optional::<SecretString>(&settings::KEY)? {
        return decode(text.expose_secret())
            .with_context(|| format!("{} is not usable", settings::KEY.variable))
            .map_err(|error| Stop::new(Exit::Usage, format!("{error:#}")).into());
    }
    let named = config.optional::<PathBuf>(&settings::KEY_FILE)?;
    let key = match config.value(&settings::DATABASE)? {
        Location::Sqlite(database) => {
            from_file(&named.unwrap_or_else(|| database.with_file_name("tollgate.key")), &database)
        }
        Location::Postgres(_) | Location::Memory => shared(&named.unwrap_or_else(|| PathBuf::from("tollgate.key"))),
    };
    key.map_err(|error| Stop::new(Exit::Storage, format!("{error:#}")).into())
}

/// The key of a database that other nodes share. Never made here: each node would make its own.
fn shared(file: &Path) -> anyhow::Result<KeyBytes> {
    if !file.exists() {
        anyhow::bail!(
            "the key file {0} does not exist, and all nodes on one database need the same key; make it once \
             (openssl rand -base64 32 > {0}; chmod 600 {0}) and give it to each of them, or set {1}",
            file.display(),
            settings::KEY.variable
        );
    }
    from_file(file, file)
}

fn from_file(file: &Path, database: &Path) -> anyhow::Result<KeyBytes> {
    match std::fs::read_to_string(file) {
        Ok(text) => {
            check_owner_only(file)?;
            decode(text.trim()).with_context(|| format!("the key file {} is not usable", file.display()))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            if std::fs::metadata(database).is_ok_and(|found| found.len() > 0) {
                anyhow::bail!(
                    "the database {} exists but its key file {} does not; restore the file \
                     or set {}, as what is encrypted under a lost key stays lost",
                    database.display(),
                    file.display(),
                    settings::KEY.variable
                );
            }
            // Not made: a mistyped path must not begin a second, empty gateway.
            let folder = folder_of(file);
            if !folder.is_dir() {
                anyhow::bail!("the folder {} does not exist; create it first or correct the path", folder.display());
            }
            make(file).with_context(|| format!("cannot make the key file {}", file.display()))
        }
        Err(error) => Err(error).with_context(|| format!("cannot read the key file {}", file.display())),
    }
}

fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."))
}

fn check_owner_only(file: &Path) -> anyhow::Result<()> {
    let mode = std::fs::metadata(file)?.permissions().mode();
    if mode & 0o077 != 0 {
        anyhow::bail!(
            "the key file {0} can be read by others (mode {1:03o}); run: chmod 600 {0}",
            file.display(),
            mode & 0o777
        );
    }
    Ok(())
}

fn make(file: &Path) -> anyhow::Result<KeyBytes> {
    let mut bytes = Box::new([0; KEY_BYTES]);
    getrandom::fill(bytes.as_mut_slice()).map_err(|error| anyhow::anyhow!("no randomness: {error}"))?;
    let key = KeyBytes::new(bytes);
    let mut out = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)?;
    writeln!(out, "{}", BASE64.encode(key.expose_secret()))?;
    // A key that a power cut forgets takes every stored credential with it.
    out.sync_all()?;
    std::fs::File::open(folder_of(file))?.sync_all()?;
    Ok(key)
}

/// 64 hexadecimal digits, else base64: a text cannot be 32 bytes in both.
fn decode(text: &str) -> anyhow::Result<KeyBytes> {
    let bytes = if text.len() == 2 * KEY_BYTES {
        HEXLOWER_PERMISSIVE.decode(text.as_bytes())
    } else {
        BASE64.decode(text.as_bytes())
    };
    let bytes = bytes.ok().and_then(|bytes| bytes.try_into().ok());
    bytes
        .map(|bytes| KeyBytes::new(Box::new(bytes)))
        .ok_or_else(|| anyhow::anyhow!("it must hold {KEY_BYTES} bytes in base64 or hex"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let (file, database) = (folder.path().join("k"), folder.path().join("d"));
        let made = from_file(&file, &database).unwrap();
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_ne!(made.expose_secret(), &[0; KEY_BYTES]);
        std::fs::write(&database, "rows").unwrap();
        let read = from_file(&file, &database).unwrap();
        assert_eq!(made.expose_secret(), read.expose_secret());
    }

    #[test]
    fn no_new_key_is_made_beside_a_database() {
        let folder = tempfile::tempdir().unwrap();
        let (file, database) = (folder.path().join("k"), folder.path().join("d"));
        std::fs::write(&database, "rows").unwrap();
        let error = from_file(&file, &database).unwrap_err().to_string();
        assert!(error.contains("restore the file"), "{error}");
        assert!(!file.exists());
    }

    #[test]
    fn no_folder_is_made_for_a_mistyped_path() {
        let folder = tempfile::tempdir().unwrap();
        let new = folder.path().join("new");
        let error = from_file(&new.join("k"), &new.join("d")).unwrap_err().to_string();
        assert!(error.contains("does not exist"), "{error}");
        assert!(!new.exists());
    }

    #[test]
    fn a_key_that_others_can_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let (file, database) = (folder.path().join("k"), folder.path().join("d"));
        from_file(&file, &database).unwrap();
        std::fs::set_permissions(&file, PermissionsExt::from_mode(0o640)).unwrap();
        let error = from_file(&file, &database).unwrap_err().to_string();
        assert!(error.contains("chmod 600"), "{error}");
    }

    #[test]
    fn base64_and_hex_are_read_and_nothing_else() {
        let bytes = [7; KEY_BYTES];
        for text in [
            BASE64.encode(&bytes),
            HEXLOWER_PERMISSIVE.encode(&bytes),
            HEXLOWER_PERMISSIVE.encode(&bytes).to_uppercase(),
        ] {
            assert_eq!(decode(&text).unwrap().expose_secret(), &bytes);
        }
        for wrong in ["", "short", &BASE64.encode(&[7; 31]), &"g".repeat(64)] {
            let error = format!("{:#}", decode(wrong).unwrap_err());
            assert!(wrong.is_empty() || !error.contains(wrong));
        }
    }
}
