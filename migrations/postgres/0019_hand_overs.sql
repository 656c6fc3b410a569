-- What each running session was handed, by versions and never by values: snapshots are searched for it, whatever became
-- of it since. One row for each distinct state. The same table as in migrations/sqlite.
CREATE TABLE hand_overs (
    organization_id TEXT NOT NULL,
    session_id      TEXT NOT NULL,
    -- Names what was handed over: equal states are handed over alike.
    state           TEXT NOT NULL,
    given           JSONB NOT NULL,
    PRIMARY KEY (session_id, state),
    FOREIGN KEY (organization_id, session_id) REFERENCES sessions (organization_id, id)
);

-- What running sessions were handed so far, as their receipts tell it.
INSERT INTO hand_overs (organization_id, session_id, state, given)
SELECT r.organization_id, r.session_id, 'receipt ' || r.number,
       jsonb_agg(jsonb_build_object('key', k -> 'key', 'scope', k -> 'source', 'version', k -> 'version'))
FROM receipts r
JOIN sessions s ON s.organization_id = r.organization_id AND s.id = r.session_id AND s.ended_at IS NULL
CROSS JOIN LATERAL jsonb_array_elements(r.receipt -> 'files') f
CROSS JOIN LATERAL jsonb_array_elements(f -> 'keys') k
WHERE k ->> 'source' IS NOT NULL AND k ->> 'version' IS NOT NULL
GROUP BY r.organization_id, r.session_id, r.number;

-- Configurations keep what they use, also what no spec names but agents asked for in sessions that run. Only together
-- with the migration that brought releases: later on people have decided.
INSERT INTO releases (organization_id, configuration_id, key, released_by, released_at)
SELECT DISTINCT s.organization_id, s.configuration_id, v.key, CAST(NULL AS TEXT),
       CAST(extract(epoch FROM now()) * 1000 AS BIGINT)
FROM value_requests q
JOIN sessions s ON s.organization_id = q.organization_id AND s.id = q.session_id AND s.ended_at IS NULL
CROSS JOIN LATERAL jsonb_array_elements(q.keys) k
JOIN secrets v ON v.organization_id = q.organization_id AND v.key = k -> 'asked' ->> 'key'
WHERE v.repository_id IS NULL AND v.record IS NOT NULL
  AND EXISTS (SELECT 1 FROM _sqlx_migrations m WHERE m.version = 16 AND m.installed_on > now() - INTERVAL '1 hour')
ON CONFLICT (configuration_id, key) DO NOTHING;
