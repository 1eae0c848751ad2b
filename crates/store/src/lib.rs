//! Three doors to SQLite (and later PostgreSQL): read, commit, take. The only place with SQL.
