//! Counts the tests that a test runner reports. The runner's words are read,
//! its exit code is not replaced by them.

/// Sums over all test binaries.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) ignored: u64,
}

impl Tally {
    /// Reads one line, such as
    /// `test result: ok. 23 passed; 0 failed; 0 ignored; 0 measured; ...`.
    pub(crate) fn read(&mut self, line: &str) {
        let line = without_colours(line);
        let Some(result) = line.trim().strip_prefix("test result: ") else {
            return;
        };
        for part in result.split([';', '.']) {
            let mut words = part.split_whitespace();
            let (Some(number), Some(word)) = (words.next(), words.next()) else {
                continue;
            };
            let Ok(number) = number.parse::<u64>() else {
                continue;
            };
            match word {
                "passed" => self.passed += number,
                "failed" => self.failed += number,
                "ignored" => self.ignored += number,
                _ => {}
            }
        }
    }

    /// One more check that is not a test binary's.
    pub(crate) fn add(&mut self, result: &Result<(), String>) {
        match result {
            Ok(()) => self.passed += 1,
            Err(_) => self.failed += 1,
        }
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} passed, {} failed", self.passed, self.failed)?;
        if self.ignored > 0 {
            write!(formatter, ", {} skipped", self.ignored)?;
        }
        Ok(())
    }
}

fn without_colours(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        if character == '\u{1b}' {
            characters.by_ref().find(char::is_ascii_alphabetic);
        } else {
            plain.push(character);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::Tally;

    #[test]
    fn sums_are_taken_over_all_binaries() {
        let mut tally = Tally::default();
        tally.read("test result: ok. 23 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s\n");
        tally.read("test result: \u{1b}[31mFAILED\u{1b}[0m. 2 passed; 3 failed; 0 ignored; 0 measured; 7 filtered out; finished in 1.50s\n");
        assert_eq!(tally, Tally { passed: 25, failed: 3, ignored: 1 });
        assert_eq!(tally.to_string(), "25 passed, 3 failed, 1 skipped");
    }

    #[test]
    fn other_lines_count_nothing() {
        let mut tally = Tally::default();
        tally.read("test something::else ... ok\n");
        tally.read("5 passed\n");
        assert_eq!(tally, Tally::default());
        assert_eq!(tally.to_string(), "0 passed, 0 failed");
    }
}
