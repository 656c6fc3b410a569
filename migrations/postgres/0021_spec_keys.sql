-- The keys that the newest spec of each configuration names: who uses a key is asked at every save, and must not be
-- sought in every spec. The same table as in the other database's migrations.
CREATE TABLE spec_keys (
    organization_id  TEXT NOT NULL,
    configuration_id TEXT NOT NULL,
    key              TEXT NOT NULL,
    PRIMARY KEY (organization_id, key, configuration_id),
    FOREIGN KEY (organization_id, configuration_id) REFERENCES configurations (organization_id, id)
);

CREATE INDEX spec_keys_by_configuration ON spec_keys (configuration_id);
-- Whether somebody else set a value of a key is asked at every save too.
CREATE INDEX session_values_by_key ON session_values (organization_id, key);

INSERT INTO spec_keys (organization_id, configuration_id, key)
SELECT DISTINCT s.organization_id, s.configuration_id, k ->> 'key'
FROM env_specs s
CROSS JOIN jsonb_array_elements(coalesce(s.spec -> 'files', '[]')) f
CROSS JOIN jsonb_array_elements(coalesce(f -> 'keys', '[]')) k
WHERE s.version = (SELECT max(n.version) FROM env_specs n WHERE n.configuration_id = s.configuration_id);
