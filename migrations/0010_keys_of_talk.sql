-- The keys of sessions that were held here lead to them too.
--
-- Why: an import of recount's own export must know them again, and they have no id of a file. Those
-- of imported conversations without an id stand in `session_keys` since it was made.

INSERT OR IGNORE INTO session_keys (key, session_id)
SELECT t.key, t.session_id FROM turns t JOIN sessions s ON s.id = t.session_id
WHERE s.source_id IS NULL AND length(t.key) = 16;
