-- Where values go while a session runs. The same tables as in migrations/postgres.

-- The server process (its instance id) whose disk has the session's own sandbox.
ALTER TABLE sessions ADD COLUMN host TEXT;
-- Counts up, in the same transaction, with every change that may alter what the session's files hold.
ALTER TABLE sessions ADD COLUMN wanted_revision INTEGER NOT NULL DEFAULT 1;

-- What each sandbox of a session acknowledged last, and what stands in its way.
CREATE TABLE sandboxes (
    id               TEXT PRIMARY KEY,
    organization_id  TEXT NOT NULL,
    session_id       TEXT NOT NULL,
    kind             TEXT NOT NULL CHECK (kind IN ('local', 'remote')),
    name             TEXT NOT NULL,
    applied_revision INTEGER NOT NULL DEFAULT 0,
    -- Digest of versions, never of values: tells whether a newer revision changes this sandbox at all.
    applied_state    TEXT,
    applied_at       INTEGER,
    error            TEXT,
    failed_at        INTEGER,
    attempts         INTEGER NOT NULL DEFAULT 0,
    last_seen_at     INTEGER,
    scrubbed_at      INTEGER,
    created_at       INTEGER NOT NULL,
    UNIQUE (organization_id, session_id, kind, name),
    FOREIGN KEY (organization_id, session_id) REFERENCES sessions (organization_id, id)
) STRICT;
