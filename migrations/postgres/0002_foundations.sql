-- The same tables as migrations/sqlite/0002_foundations.sql, in PostgreSQL's words.
-- Times are milliseconds since 1970 UTC. Every table carries its organization, and composite foreign keys keep a row
-- from pointing into another organization.

CREATE TABLE organizations (
    id          TEXT PRIMARY KEY,
    name        TEXT NOT NULL,
    data_key_id TEXT NOT NULL,
    data_key    BYTEA NOT NULL,
    created_at  BIGINT NOT NULL
);

CREATE TABLE members (
    id              TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    name            TEXT NOT NULL,
    role            TEXT NOT NULL CHECK (role IN ('owner', 'admin', 'member', 'viewer')),
    created_at      BIGINT NOT NULL,
    UNIQUE (organization_id, id)
);

-- Tokens are kept as SHA-256.
CREATE TABLE sign_in_links (
    token_hash      BYTEA PRIMARY KEY,
    organization_id TEXT NOT NULL,
    member_id       TEXT NOT NULL,
    created_at      BIGINT NOT NULL,
    expires_at      BIGINT NOT NULL,
    used_at         BIGINT,
    FOREIGN KEY (organization_id, member_id) REFERENCES members (organization_id, id)
);

CREATE TABLE web_sessions (
    token_hash      BYTEA PRIMARY KEY,
    organization_id TEXT NOT NULL,
    member_id       TEXT NOT NULL,
    created_at      BIGINT NOT NULL,
    expires_at      BIGINT NOT NULL,
    revoked_at      BIGINT,
    FOREIGN KEY (organization_id, member_id) REFERENCES members (organization_id, id)
);

CREATE TABLE repositories (
    id              TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    name            TEXT NOT NULL,
    location        TEXT NOT NULL,
    default_branch  TEXT,
    created_by      TEXT NOT NULL,
    created_at      BIGINT NOT NULL,
    UNIQUE (organization_id, id),
    UNIQUE (organization_id, location),
    FOREIGN KEY (organization_id, created_by) REFERENCES members (organization_id, id)
);

CREATE TABLE configurations (
    id                TEXT PRIMARY KEY,
    organization_id   TEXT NOT NULL REFERENCES organizations (id),
    name              TEXT NOT NULL,
    boot_policy       TEXT NOT NULL DEFAULT 'warn' CHECK (boot_policy IN ('warn', 'block')),
    auto_start        JSONB NOT NULL DEFAULT '[]',
    finished_at       BIGINT,
    finished_by       TEXT,
    finished_anyway   BOOLEAN NOT NULL DEFAULT FALSE,
    missing_at_finish BIGINT NOT NULL DEFAULT 0,
    created_at        BIGINT NOT NULL,
    UNIQUE (organization_id, id),
    FOREIGN KEY (organization_id, finished_by) REFERENCES members (organization_id, id)
);

CREATE TABLE configuration_repositories (
    organization_id  TEXT NOT NULL,
    configuration_id TEXT NOT NULL,
    position         BIGINT NOT NULL,
    repository_id    TEXT NOT NULL,
    workspace_path   TEXT NOT NULL,
    PRIMARY KEY (configuration_id, position),
    UNIQUE (configuration_id, workspace_path),
    FOREIGN KEY (organization_id, configuration_id) REFERENCES configurations (organization_id, id),
    FOREIGN KEY (organization_id, repository_id) REFERENCES repositories (organization_id, id)
);

CREATE TABLE env_specs (
    organization_id  TEXT NOT NULL,
    configuration_id TEXT NOT NULL,
    version          BIGINT NOT NULL,
    spec             JSONB NOT NULL,
    diff             JSONB NOT NULL,
    saved_by         TEXT NOT NULL,
    saved_at         BIGINT NOT NULL,
    PRIMARY KEY (configuration_id, version),
    FOREIGN KEY (organization_id, configuration_id) REFERENCES configurations (organization_id, id)
);

CREATE TABLE sessions (
    id               TEXT PRIMARY KEY,
    organization_id  TEXT NOT NULL,
    configuration_id TEXT NOT NULL,
    kind             TEXT NOT NULL CHECK (kind IN ('setup', 'work')),
    state            TEXT NOT NULL,
    progress         TEXT,
    error            TEXT,
    workspace_dir    TEXT NOT NULL,
    created_by       TEXT NOT NULL,
    created_at       BIGINT NOT NULL,
    updated_at       BIGINT NOT NULL,
    ended_at         BIGINT,
    -- The newest receipt's number and thread entry's place: counting here needs no lock on what is counted.
    last_receipt     BIGINT NOT NULL DEFAULT 0,
    last_entry       BIGINT NOT NULL DEFAULT 0,
    UNIQUE (organization_id, id),
    FOREIGN KEY (organization_id, configuration_id) REFERENCES configurations (organization_id, id),
    FOREIGN KEY (organization_id, created_by) REFERENCES members (organization_id, id)
);

CREATE INDEX sessions_by_configuration ON sessions (organization_id, configuration_id, created_at);
CREATE INDEX running_sessions ON sessions (organization_id, created_at) WHERE ended_at IS NULL;

CREATE TABLE receipts (
    organization_id TEXT NOT NULL,
    session_id      TEXT NOT NULL,
    number          BIGINT NOT NULL,
    receipt         JSONB NOT NULL,
    created_at      BIGINT NOT NULL,
    PRIMARY KEY (session_id, number),
    FOREIGN KEY (organization_id, session_id) REFERENCES sessions (organization_id, id)
);

CREATE TABLE thread_entries (
    organization_id TEXT NOT NULL,
    session_id      TEXT NOT NULL,
    seq             BIGINT NOT NULL,
    kind            TEXT NOT NULL,
    body            JSONB NOT NULL,
    created_at      BIGINT NOT NULL,
    PRIMARY KEY (session_id, seq),
    FOREIGN KEY (organization_id, session_id) REFERENCES sessions (organization_id, id)
);

-- A secret without repository counts in the whole organization. A deleted secret keeps its row, without record, so
-- that its next version is a new number and no old record fits the row again.
CREATE TABLE secrets (
    id              TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    repository_id   TEXT,
    key             TEXT NOT NULL,
    version         BIGINT NOT NULL,
    record          BYTEA,
    length          BIGINT,
    fingerprint     TEXT,
    description     TEXT,
    set_by          TEXT,
    set_at          BIGINT,
    FOREIGN KEY (organization_id, repository_id) REFERENCES repositories (organization_id, id),
    FOREIGN KEY (organization_id, set_by) REFERENCES members (organization_id, id)
);

-- "No repository" is one scope: NULLs would all be different.
CREATE UNIQUE INDEX one_secret_per_scope ON secrets (organization_id, key, (coalesce(repository_id, '')));

CREATE TABLE session_values (
    organization_id TEXT NOT NULL,
    session_id      TEXT NOT NULL,
    key             TEXT NOT NULL,
    version         BIGINT NOT NULL,
    record          BYTEA,
    length          BIGINT,
    fingerprint     TEXT,
    set_by          TEXT,
    set_at          BIGINT,
    PRIMARY KEY (organization_id, session_id, key),
    FOREIGN KEY (organization_id, session_id) REFERENCES sessions (organization_id, id),
    FOREIGN KEY (organization_id, set_by) REFERENCES members (organization_id, id)
);
