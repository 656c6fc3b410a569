-- A record that only the right root key opens; it is read before any later migration runs.
CREATE TABLE root_key_check (
    only_row BIGINT PRIMARY KEY CHECK (only_row = 1),
    record   BYTEA NOT NULL
);
