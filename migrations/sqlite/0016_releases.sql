-- Which values of the organization a configuration may use: those that somebody released to it. The same table as in the
-- other database's migrations.
CREATE TABLE releases (
    organization_id  TEXT NOT NULL,
    configuration_id TEXT NOT NULL,
    key              TEXT NOT NULL,
    -- None for what was in use before there were releases.
    released_by      TEXT,
    released_at      INTEGER NOT NULL,
    PRIMARY KEY (configuration_id, key),
    FOREIGN KEY (organization_id, configuration_id) REFERENCES configurations (organization_id, id),
    FOREIGN KEY (organization_id, released_by) REFERENCES members (organization_id, id)
) STRICT;

CREATE INDEX releases_by_key ON releases (organization_id, key);

-- 'all': the configuration uses every value of the organization.
ALTER TABLE configurations ADD COLUMN release_mode TEXT NOT NULL DEFAULT 'each'
    CHECK (release_mode IN ('each', 'all'));
-- What new configurations start with.
ALTER TABLE organizations ADD COLUMN release_mode TEXT NOT NULL DEFAULT 'each'
    CHECK (release_mode IN ('each', 'all'));
-- Who may release a value of the organization.
ALTER TABLE secrets ADD COLUMN releasers TEXT NOT NULL DEFAULT 'admins' CHECK (releasers IN ('admins', 'members'));

-- Configurations keep what they use: every key of their newest spec that the organization has a value for.
INSERT INTO releases (organization_id, configuration_id, key, released_by, released_at)
SELECT DISTINCT s.organization_id, s.configuration_id, v.key, NULL, CAST(unixepoch('subsec') * 1000 AS INTEGER)
FROM env_specs s
JOIN json_each(s.spec, '$.files') f
JOIN json_each(f.value, '$.keys') k
JOIN secrets v ON v.organization_id = s.organization_id AND v.key = json_extract(k.value, '$.key')
WHERE v.repository_id IS NULL AND v.record IS NOT NULL
  AND s.version = (SELECT max(n.version) FROM env_specs n WHERE n.configuration_id = s.configuration_id);
