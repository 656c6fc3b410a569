-- Agents asking people for values. The keys carry their outcomes; values never stand here.
CREATE TABLE value_requests (
    id              TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL,
    session_id      TEXT NOT NULL,
    asked_by        TEXT NOT NULL,
    message         TEXT,
    state           TEXT NOT NULL CHECK (state IN ('pending', 'answered', 'expired', 'cancelled')),
    keys            TEXT NOT NULL,
    created_at      INTEGER NOT NULL,
    expires_at      INTEGER NOT NULL,
    closed_at       INTEGER,
    FOREIGN KEY (organization_id, session_id) REFERENCES sessions (organization_id, id)
) STRICT;

CREATE INDEX requests_by_session ON value_requests (organization_id, session_id, created_at);
CREATE INDEX pending_requests ON value_requests (expires_at) WHERE state = 'pending';
