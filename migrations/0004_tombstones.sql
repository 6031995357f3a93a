-- What was forgotten, by hashes that tell nothing of it.
--
-- Why: the file that a forgotten turn came from is still on the disk, and the next import of it
-- must not bring the turn back. `key` is a hash of the source, the file's id of the conversation and
-- the turn's own key, so it can be looked up while importing and cannot be read.

CREATE TABLE tombstones (
    key BLOB PRIMARY KEY,
    forgotten_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
