-- How an import knows turns and conversations again, what an edited message said before, and room
-- for the words of many turns at once.
--
-- Why: keys are hashes, so an index that begins with them is written all over the place: a page for
-- each turn of a large import. Inside of a session its keys stand together. What has to be found
-- by key alone are conversations without an id in their file (all of their keys stand in
-- `session_keys`) and conversations whose id was changed by their service (the key of the first
-- turn is enough to look closer).
-- An import that brings another text for a message it knows replaces it. What stood there before is
-- kept, so that undoing that import brings it back.

DROP INDEX turns_by_key;
CREATE UNIQUE INDEX turns_by_key ON turns (session_id, key);

CREATE TABLE session_keys (
    key BLOB NOT NULL,
    session_id INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    PRIMARY KEY (key, session_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX session_keys_by_session ON session_keys (session_id);

INSERT INTO session_keys (key, session_id)
SELECT t.key, t.session_id FROM turns t JOIN sessions s ON s.id = t.session_id
WHERE t.import_id IS NOT NULL AND length(t.key) = 16
  AND (s.source_id IS NULL OR t.position = 0);

CREATE TABLE earlier_texts (
    turn_id INTEGER NOT NULL REFERENCES turns (id) ON DELETE CASCADE,
    import_id INTEGER NOT NULL REFERENCES imports (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    role TEXT NOT NULL,
    speaker TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (turn_id, import_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX earlier_texts_by_import ON earlier_texts (import_id);

-- An import writes words by the ten thousand. With room for as many in memory, they are sorted and
-- written once; with the usual megabyte they are written in small pieces and merged again and again.
INSERT INTO words (words, rank) VALUES ('hashsize', 33554432);
INSERT INTO words (words, rank) VALUES ('automerge', 8);
INSERT INTO folded_words (folded_words, rank) VALUES ('hashsize', 33554432);
INSERT INTO folded_words (folded_words, rank) VALUES ('automerge', 8);
