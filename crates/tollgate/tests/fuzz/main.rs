//! The fuzz targets without a fuzzer: the whole seed corpus, and a short run of seeded mutants of it.
//! The long run is `cargo xtask fuzz`. No property lives here.

#![expect(clippy::expect_used, reason = "a test ends where something is missing")]

#[path = "../../../simulation/src/dice.rs"]
#[expect(dead_code, reason = "of which not every throw is used here")]
mod dice;
mod mutate;
mod targets;

use mutate::Mutator;
use std::path::{Path, PathBuf};
use targets::TARGETS;

/// Mutants for each target.
const MUTANTS: u64 = 20_000;

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus")
}

/// The seeds of one target, by name.
fn seeds(target: &str) -> Vec<Vec<u8>> {
    let folder = corpus().join(target);
    let files = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = files.map(|file| file.expect("a file").path()).collect();
    paths.sort();
    paths.iter().map(|path| std::fs::read(path).expect("a seed")).collect()
}

#[test]
fn every_seed_keeps_the_promise_of_its_target() {
    for (name, _) in TARGETS {
        let seeds = seeds(name);
        assert!(seeds.len() >= 3, "{name} has too few seeds");
        for seed in seeds {
            targets::run(name, &seed);
        }
    }
    let mut folders: Vec<String> = std::fs::read_dir(corpus())
        .expect("the corpus")
        .map(|folder| folder.expect("a folder").file_name().to_string_lossy().into_owned())
        .collect();
    folders.sort();
    let mut names: Vec<&str> = TARGETS.iter().map(|(name, _)| *name).collect();
    names.sort_unstable();
    assert_eq!(folders, names, "each folder is read by a target");
}

#[test]
fn mutants_of_the_seeds_keep_it_too() {
    for (name, _) in TARGETS {
        let seeds = seeds(name);
        for number in 0..MUTANTS {
            let mutant = Mutator::new(number).mutant(&seeds);
            let kept = std::panic::catch_unwind(|| targets::run(name, &mutant)).is_ok();
            assert!(kept, "{name}, mutant {number}: {:?}", String::from_utf8_lossy(&mutant));
        }
    }
}

#[test]
fn the_mutator_repeats_itself_and_makes_many_different_things() {
    let seeds = vec![b"one seed".to_vec(), b"another".to_vec()];
    let made: std::collections::BTreeSet<Vec<u8>> = (0..500).map(|n| Mutator::new(n).mutant(&seeds)).collect();
    assert!(made.len() > 400, "{}", made.len());
    assert_eq!(Mutator::new(7).mutant(&seeds), Mutator::new(7).mutant(&seeds));
}
