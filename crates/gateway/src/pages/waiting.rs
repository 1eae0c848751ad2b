//! How long a page goes on looking again by itself. Bounded: after that the reader decides.

/// The name of the parameter that counts the looks.
pub(super) const COUNT: &str = "look";

/// Seconds until the next look, after that many looks; nothing when there were enough (about six minutes).
pub(super) const fn seconds(looks: u32) -> Option<u32> {
    match looks {
        0..=9 => Some(2),
        10..=29 => Some(4),
        30..=59 => Some(9),
        _ => None,
    }
}

/// Reads the count of looks; nonsense counts as many, so that it cannot make a page look for ever.
pub(super) fn looks(text: Option<&str>) -> u32 {
    text.map_or(0, |text| text.parse().unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looking_ends_by_itself() {
        let total: u32 = (0..1_000).map_while(seconds).sum();
        assert_eq!(total, 20 + 80 + 270);
        assert_eq!(seconds(looks(Some("-1"))), None);
        assert_eq!(seconds(looks(Some("99999999999999999999"))), None);
        assert_eq!(seconds(looks(None)), Some(2));
    }
}
