//! The words a merchant and a Tollgate gateway exchange: bodies, events, problems.
