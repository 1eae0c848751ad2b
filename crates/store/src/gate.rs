//! A gate before the doors of one handle on a store, for simulations: it may hold a caller up, as a slow disk would,
//! and it may fail the call. It can make the database worse, never more permissive: nothing passes unwritten.

use std::pin::Pin;

/// Which door somebody is about to go through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// [`Store::read`](crate::Store::read) and its kin.
    Read,
    /// [`Store::commit`](crate::Store::commit), also of an intent.
    Commit,
    /// [`Store::take`](crate::Store::take).
    Take,
}

/// What becomes of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passage {
    /// The call goes through.
    Free,
    /// The call is not made: [`Fault::Down`](crate::Fault::Down).
    Shut,
    /// The call is made and its answer is lost: [`Fault::Unknown`](crate::Fault::Unknown).
    Deaf,
    /// The call is not made, and the caller cannot know: [`Fault::Unknown`](crate::Fault::Unknown) as well.
    Lost,
}

/// Decides about each call of one handle, in its own time.
pub trait Gate: Send + Sync {
    /// Waits as long as the caller has to wait, then says what becomes of the call.
    fn pass(&self, door: Door) -> Pin<Box<dyn Future<Output = Passage> + Send + '_>>;
}
