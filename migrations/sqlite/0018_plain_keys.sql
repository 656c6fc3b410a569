-- Keys that people called plain: their values are no secrets in that configuration. And sealed values that were
-- replaced or deleted while a session lived which may still have them in its files: snapshots are searched for them,
-- and nothing else opens them. The same tables as in migrations/postgres.
CREATE TABLE plain_keys (
    organization_id  TEXT NOT NULL,
    configuration_id TEXT NOT NULL,
    key              TEXT NOT NULL,
    called_by        TEXT NOT NULL,
    called_at        INTEGER NOT NULL,
    PRIMARY KEY (organization_id, configuration_id, key),
    FOREIGN KEY (organization_id, configuration_id) REFERENCES configurations (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, called_by) REFERENCES members (organization_id, id)
) STRICT;

CREATE TABLE replaced_values (
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    repository_id   TEXT,
    session_id      TEXT,
    key             TEXT NOT NULL,
    version         INTEGER NOT NULL,
    record          BLOB NOT NULL,
    replaced_at     INTEGER NOT NULL
) STRICT;

CREATE INDEX replaced_values_by_time ON replaced_values (organization_id, replaced_at);
