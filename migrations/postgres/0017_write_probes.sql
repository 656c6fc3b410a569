-- What /healthz writes to prove that the database takes writes. It is always rolled back, so the table stays empty.
CREATE TABLE write_probes (
    filling BYTEA NOT NULL
);
