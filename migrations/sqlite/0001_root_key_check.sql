-- A record that only the right root key opens; it is read before any later migration runs.
CREATE TABLE root_key_check (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    record   BLOB NOT NULL
) STRICT;
