-- The readers that people chose for files of a configuration. They stand over what agents and scans save; `declared` is
-- what the newest of those saves named, for whoever takes the choice back. The same table as in migrations/postgres.
CREATE TABLE chosen_readers (
    organization_id  TEXT NOT NULL,
    configuration_id TEXT NOT NULL,
    place            TEXT NOT NULL,
    readers          TEXT NOT NULL,
    declared         TEXT NOT NULL,
    chosen_by        TEXT NOT NULL,
    chosen_at        INTEGER NOT NULL,
    PRIMARY KEY (organization_id, configuration_id, place),
    FOREIGN KEY (organization_id, configuration_id) REFERENCES configurations (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, chosen_by) REFERENCES members (organization_id, id)
) STRICT;
