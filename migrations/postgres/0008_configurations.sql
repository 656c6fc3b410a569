-- A deleted configuration keeps its row, because its sessions, threads and receipts name it; nothing shows it any more.
-- The same column as in migrations/sqlite.
ALTER TABLE configurations ADD COLUMN deleted_at BIGINT;
