-- A deleted configuration keeps its row, because its sessions, threads and receipts name it; nothing shows it any more.
-- The same column as in migrations/postgres.
ALTER TABLE configurations ADD COLUMN deleted_at INTEGER;
