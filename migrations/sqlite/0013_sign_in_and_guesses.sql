-- When each member last came in by a link, problems of plain forms on their way to the page that shows them, and how
-- often each guesser (a member, a session's agent, or '' for the whole organization) asked about each key whether its
-- value is a certain one.
-- The same tables as in migrations/postgres.
ALTER TABLE members ADD COLUMN signed_in_at INTEGER;
UPDATE members SET signed_in_at =
    (SELECT max(w.created_at) FROM web_sessions w
     WHERE w.organization_id = members.organization_id AND w.member_id = members.id);

CREATE TABLE form_problems (
    id          TEXT PRIMARY KEY,
    web_session BLOB NOT NULL REFERENCES web_sessions (token_hash) ON DELETE CASCADE,
    path        TEXT NOT NULL,
    problem     TEXT NOT NULL,
    expires_at  INTEGER NOT NULL
) STRICT;

CREATE INDEX form_problems_by_web_session ON form_problems (web_session);

CREATE TABLE guesses (
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    guesser         TEXT NOT NULL,
    key             TEXT NOT NULL,
    asked           INTEGER NOT NULL,
    asked_at        INTEGER NOT NULL,
    PRIMARY KEY (organization_id, guesser, key)
) STRICT;
