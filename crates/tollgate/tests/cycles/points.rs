//! Every named place at which the gateway can be told to end (`store::crash_point`), one after the other.
//! The names are read from the source, so that none can be forgotten. What a place goes through is in `stage`.

use super::dice::Dice;
use super::stage::Stage;
use std::collections::BTreeSet;
use std::path::Path;

/// At the least so many places must be found.
const LEAST: usize = 20;

/// The names of all places in a folder's source.
fn names(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            names(&path, found);
        } else {
            let text = std::fs::read_to_string(&path).expect("a text");
            let calls = text.split("crash_point::reach(\"").skip(1);
            found.extend(calls.filter_map(|rest| rest.split('"').next()).map(str::to_owned));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_place_may_be_the_last() {
    let mut found = BTreeSet::new();
    for part in ["store", "gateway"] {
        names(&Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(part).join("src"), &mut found);
    }
    assert!(found.len() >= LEAST, "{found:?}");
    let count = found.len();
    for (number, point) in found.iter().enumerate() {
        let told = Stage::point(&mut Dice::new(1, 0), point).await;
        println!("place {}/{count} {point}: {told}", number + 1);
    }
}
