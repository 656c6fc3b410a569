-- The name of who let a session start although required values were lacking and its configuration waits for them.
ALTER TABLE sessions ADD COLUMN started_anyway_by TEXT;
