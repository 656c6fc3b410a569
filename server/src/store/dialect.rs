//! What really differs between SQLite and PostgreSQL.
