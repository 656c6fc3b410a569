-- What an agent or a sandbox elsewhere shows to be let in to one session. The same table as in migrations/sqlite.
-- Tokens are kept as SHA-256.

CREATE TABLE session_tokens (
    id              TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL,
    session_id      TEXT NOT NULL,
    name            TEXT NOT NULL,
    purpose         TEXT NOT NULL CHECK (purpose IN ('agent', 'sandbox')),
    token_hash      BYTEA NOT NULL UNIQUE,
    created_by      TEXT NOT NULL,
    created_at      BIGINT NOT NULL,
    expires_at      BIGINT NOT NULL,
    revoked_at      BIGINT,
    last_used_at    BIGINT,
    FOREIGN KEY (organization_id, session_id) REFERENCES sessions (organization_id, id),
    FOREIGN KEY (organization_id, created_by) REFERENCES members (organization_id, id)
);

CREATE INDEX tokens_of_session ON session_tokens (organization_id, session_id, created_at);
