//! The fuzz targets: each takes any bytes, feeds them to one reader of foreign input and asserts what must hold whatever
//! came. Used by the ordinary test beside this folder and by libFuzzer in `/fuzz`; nothing here reads files or makes bytes.

mod callback;
mod charge;
mod config;
mod list;
mod money;
mod reply;
mod signature;

/// One property: panics when it is broken.
pub(crate) type Target = fn(&[u8]);

/// All of them, with the names that `cargo xtask fuzz` and the folders of `/fuzz/corpus` know.
pub(crate) const TARGETS: [(&str, Target); 10] = [
    ("reply", reply::reply),
    ("ipcn", callback::ipcn),
    ("webhook_body", callback::webhook_body),
    ("hmacauth", signature::hmacauth),
    ("webhook_signature", signature::webhook_signature),
    ("amount", money::amount),
    ("money", money::money),
    ("create_charge", charge::create_charge),
    ("config_file", config::config_file),
    ("list_query", list::list_query),
];

/// Runs the target of that name; any other name is a mistake in the caller.
pub(crate) fn run(name: &str, data: &[u8]) {
    let found = TARGETS.iter().find(|(known, _)| *known == name);
    let (_, target) = found.unwrap_or_else(|| panic!("there is no target {name}"));
    target(data);
}

/// The bytes before the first line feed as text (whatever is not UTF-8 replaced), and the bytes after it.
fn first_line(data: &[u8]) -> (String, &[u8]) {
    let end = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len());
    let rest = data.get(end + 1..).unwrap_or_default();
    (String::from_utf8_lossy(&data[..end]).into_owned(), rest)
}
