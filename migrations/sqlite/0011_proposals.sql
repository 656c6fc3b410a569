-- What agents want to change for others: each waits for a person. The same table as in migrations/postgres. It names
-- commands, files and keys, never values.

CREATE TABLE proposals (
    id              TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL,
    session_id      TEXT NOT NULL,
    proposed_by     TEXT NOT NULL,
    kind            TEXT NOT NULL CHECK (kind IN ('commands', 'snapshot', 'files', 'finish')),
    change          TEXT NOT NULL,
    state           TEXT NOT NULL CHECK (state IN ('pending', 'accepted', 'declined', 'superseded', 'expired')),
    created_at      INTEGER NOT NULL,
    closed_at       INTEGER,
    -- The name of who accepted or declined it.
    decided_by      TEXT,
    reason          TEXT,
    FOREIGN KEY (organization_id, session_id) REFERENCES sessions (organization_id, id)
) STRICT;

CREATE INDEX proposals_by_session ON proposals (organization_id, session_id, created_at);
CREATE UNIQUE INDEX one_pending_proposal_of_a_kind ON proposals (session_id, kind) WHERE state = 'pending';

-- Whether people are asked to make the snapshot the current one once it is ready: an agent saved it and wishes that.
ALTER TABLE snapshots ADD COLUMN propose_current INTEGER NOT NULL DEFAULT FALSE;

-- Whether the commands that agents save apply without asking people.
ALTER TABLE configurations ADD COLUMN trust_agent_commands INTEGER NOT NULL DEFAULT FALSE;
