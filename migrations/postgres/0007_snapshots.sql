-- Archives of workspaces. The same table as in migrations/sqlite. The report names files and keys, never values.

CREATE TABLE snapshots (
    id               TEXT PRIMARY KEY,
    organization_id  TEXT NOT NULL,
    configuration_id TEXT NOT NULL,
    session_id       TEXT NOT NULL,
    name             TEXT NOT NULL,
    state            TEXT NOT NULL CHECK (state IN ('saving', 'ready', 'failed', 'cancelled', 'blocked')),
    -- Whether the configuration's next sessions start from it once it is ready.
    make_current     BOOLEAN NOT NULL DEFAULT FALSE,
    -- When the server process that has the workspace took it up.
    begun_at         BIGINT,
    bytes_done       BIGINT NOT NULL DEFAULT 0,
    bytes_total      BIGINT NOT NULL DEFAULT 0,
    files            BIGINT NOT NULL DEFAULT 0,
    size             BIGINT,
    digest           TEXT,
    readiness        JSONB NOT NULL,
    report           JSONB NOT NULL,
    error            TEXT,
    created_by       TEXT NOT NULL,
    created_at       BIGINT NOT NULL,
    ended_at         BIGINT,
    FOREIGN KEY (organization_id, configuration_id) REFERENCES configurations (organization_id, id),
    FOREIGN KEY (organization_id, session_id) REFERENCES sessions (organization_id, id)
);

CREATE INDEX snapshots_by_configuration ON snapshots (organization_id, configuration_id, created_at);
CREATE UNIQUE INDEX one_snapshot_at_a_time ON snapshots (session_id) WHERE state = 'saving';

-- The snapshot that the next sessions start from; they clone when there is none.
ALTER TABLE configurations ADD COLUMN current_snapshot TEXT;
