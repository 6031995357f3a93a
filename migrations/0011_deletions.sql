-- Sessions that the user has deleted and that are still there, so that it can be taken back.
--
-- Why: a deletion is for good, so it waits until the user leaves; and neither the wish nor the way
-- back may be lost where the program is killed before that. Until then nothing lists or finds them.

CREATE TABLE deletions (
    session_id INTEGER PRIMARY KEY REFERENCES sessions (id) ON DELETE CASCADE,
    wished_at_ms INTEGER NOT NULL
) STRICT;
