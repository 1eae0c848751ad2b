//! A Rust merchant's hand on a Tollgate gateway.
