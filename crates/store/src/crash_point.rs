//! Named places where a test may end the process at once, as a power cut would. Without the feature `crash-points`,
//! which the crash test alone turns on, they are nothing.

/// Ends the process here, if the variable `TOLLGATE_CRASH_POINT` is `NAME` or `NAME:N` and this is the N-th time.
#[cfg(feature = "crash-points")]
pub fn reach(name: &str) {
    use std::sync::LazyLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    static WANTED: LazyLock<Option<(String, u64)>> = LazyLock::new(|| {
        let text = std::env::var("TOLLGATE_CRASH_POINT").ok()?;
        let (name, time) = text.split_once(':').unwrap_or((&text, "1"));
        Some((name.to_owned(), time.parse().ok()?))
    });
    static REACHED: AtomicU64 = AtomicU64::new(0);
    if let Some((wanted, time)) = &*WANTED
        && wanted == name
        && REACHED.fetch_add(1, Ordering::SeqCst) + 1 == *time
    {
        std::process::abort();
    }
}

/// Nothing.
#[cfg(not(feature = "crash-points"))]
#[inline]
pub const fn reach(_: &str) {}
