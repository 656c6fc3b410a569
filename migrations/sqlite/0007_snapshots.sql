-- Archives of workspaces. The same table as in migrations/postgres. The report names files and keys, never values.

CREATE TABLE snapshots (
    id               TEXT PRIMARY KEY,
    organization_id  TEXT NOT NULL,
    configuration_id TEXT NOT NULL,
    session_id       TEXT NOT NULL,
    name             TEXT NOT NULL,
    state            TEXT NOT NULL CHECK (state IN ('saving', 'ready', 'failed', 'cancelled', 'blocked')),
    -- Whether the configuration's next sessions start from it once it is ready.
    make_current     INTEGER NOT NULL DEFAULT FALSE,
    -- When the server process that has the workspace took it up.
    begun_at         INTEGER,
    bytes_done       INTEGER NOT NULL DEFAULT 0,
    bytes_total      INTEGER NOT NULL DEFAULT 0,
    files            INTEGER NOT NULL DEFAULT 0,
    size             INTEGER,
    digest           TEXT,
    readiness        TEXT NOT NULL,
    report           TEXT NOT NULL,
    error            TEXT,
    created_by       TEXT NOT NULL,
    created_at       INTEGER NOT NULL,
    ended_at         INTEGER,
    FOREIGN KEY (organization_id, configuration_id) REFERENCES configurations (organization_id, id),
    FOREIGN KEY (organization_id, session_id) REFERENCES sessions (organization_id, id)
) STRICT;

CREATE INDEX snapshots_by_configuration ON snapshots (organization_id, configuration_id, created_at);
CREATE UNIQUE INDEX one_snapshot_at_a_time ON snapshots (session_id) WHERE state = 'saving';

-- The snapshot that the next sessions start from; they clone when there is none.
ALTER TABLE configurations ADD COLUMN current_snapshot TEXT;
