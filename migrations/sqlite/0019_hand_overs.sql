-- What each running session was handed, by versions and never by values: snapshots are searched for it, whatever became
-- of it since. One row for each distinct state. The same table as in migrations/postgres.
CREATE TABLE hand_overs (
    organization_id TEXT NOT NULL,
    session_id      TEXT NOT NULL,
    -- Names what was handed over: equal states are handed over alike.
    state           TEXT NOT NULL,
    given           TEXT NOT NULL,
    PRIMARY KEY (session_id, state),
    FOREIGN KEY (organization_id, session_id) REFERENCES sessions (organization_id, id)
) STRICT;

-- What running sessions were handed so far, as their receipts tell it.
INSERT INTO hand_overs (organization_id, session_id, state, given)
SELECT r.organization_id, r.session_id, 'receipt ' || r.number,
       json_group_array(json_object('key', json_extract(k.value, '$.key'), 'scope', json_extract(k.value, '$.source'),
                                    'version', json_extract(k.value, '$.version')))
FROM receipts r
JOIN sessions s ON s.organization_id = r.organization_id AND s.id = r.session_id AND s.ended_at IS NULL
JOIN json_each(r.receipt, '$.files') f
JOIN json_each(f.value, '$.keys') k
WHERE json_extract(k.value, '$.source') IS NOT NULL AND json_extract(k.value, '$.version') IS NOT NULL
GROUP BY r.organization_id, r.session_id, r.number;

-- Configurations keep what they use, also what no spec names but agents asked for in sessions that run. Only together
-- with the migration that brought releases: later on people have decided.
INSERT INTO releases (organization_id, configuration_id, key, released_by, released_at)
SELECT DISTINCT s.organization_id, s.configuration_id, v.key, NULL, CAST(unixepoch('subsec') * 1000 AS INTEGER)
FROM value_requests q
JOIN sessions s ON s.organization_id = q.organization_id AND s.id = q.session_id AND s.ended_at IS NULL
JOIN json_each(q.keys) k
JOIN secrets v ON v.organization_id = q.organization_id AND v.key = json_extract(k.value, '$.asked.key')
WHERE v.repository_id IS NULL AND v.record IS NOT NULL
  AND EXISTS (SELECT 1 FROM _sqlx_migrations m WHERE m.version = 16 AND m.installed_on > datetime('now', '-1 hour'))
ON CONFLICT (configuration_id, key) DO NOTHING;
