-- What an agent or a sandbox elsewhere shows to be let in to one session. The same table as in migrations/postgres.
-- Tokens are kept as SHA-256.

CREATE TABLE session_tokens (
    id              TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL,
    session_id      TEXT NOT NULL,
    name            TEXT NOT NULL,
    purpose         TEXT NOT NULL CHECK (purpose IN ('agent', 'sandbox')),
    token_hash      BLOB NOT NULL UNIQUE,
    created_by      TEXT NOT NULL,
    created_at      INTEGER NOT NULL,
    expires_at      INTEGER NOT NULL,
    revoked_at      INTEGER,
    last_used_at    INTEGER,
    FOREIGN KEY (organization_id, session_id) REFERENCES sessions (organization_id, id),
    FOREIGN KEY (organization_id, created_by) REFERENCES members (organization_id, id)
) STRICT;

CREATE INDEX tokens_of_session ON session_tokens (organization_id, session_id, created_at);
