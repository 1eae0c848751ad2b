//! The service: HTTP in, jobs out, callbacks, hosted checkout.
