-- A checksum of what each turn says: its kind, role, speaker, time and text.
--
-- Why: a disk can change a text and leave the file whole in the eyes of SQLite. Until now the words of
-- a turn were the only thing to compare it with, and repairing them made the changed text the right
-- one. `turn_checksum` is a function of the program (memory/checksums.rs). For the turns that are here
-- already the checksum is made now, so it only shows what changes from now on; `checksums_begin` tells
-- which those are. A turn without a checksum was not written by recount.

ALTER TABLE turns ADD COLUMN checksum INTEGER;

UPDATE turns SET checksum = turn_checksum(
    kind, role, (SELECT name FROM speakers WHERE id = speaker_id), said_at_ms, text);

CREATE TABLE checksums_begin (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    after_turn INTEGER NOT NULL
) STRICT;

INSERT INTO checksums_begin (id, after_turn) SELECT 1, coalesce(max(id), 0) FROM turns;
