-- A memory of schema 1; see tests/suite/compat.rs.
BEGIN;
-- Sessions and turns, their words and their embeddings.
--
-- Why so: a turn, its words and its embedding (or the note that the embedding is pending) become
-- durable in one transaction, so all of them stand in this one file. Words and embeddings are
-- derived: both can be made again from `turns`. `words` keeps no copy of the text (content='');
-- it is fed with tokens made by the program, because SQLite's own tokenizers do not cut Chinese,
-- Japanese, Korean or Thai. Times are milliseconds since the Unix epoch; when something was said
-- and when it was remembered are two clocks.

CREATE TABLE migrations (
    number INTEGER PRIMARY KEY,
    sha256 TEXT NOT NULL
) STRICT;

-- One row per run of an import over one input: what it added can be found, and undone, as a whole.
CREATE TABLE imports (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    format TEXT NOT NULL,
    path TEXT NOT NULL,
    started_at_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE speakers (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

-- turn_count, first_ and last_said_at_ms are kept in step by each append: lists of sessions are
-- paged by them and never read the turns. `activity_ms` orders the list: when something was last
-- said, or remembered where the source tells no time.
CREATE TABLE sessions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    source TEXT NOT NULL,
    source_id TEXT,
    title TEXT,
    remembered_at_ms INTEGER NOT NULL,
    first_said_at_ms INTEGER,
    last_said_at_ms INTEGER,
    activity_ms INTEGER NOT NULL,
    turn_count INTEGER NOT NULL DEFAULT 0,
    import_id INTEGER REFERENCES imports (id)
) STRICT;

CREATE UNIQUE INDEX sessions_by_source_id ON sessions (source, source_id)
WHERE source_id IS NOT NULL;
CREATE INDEX sessions_by_activity ON sessions (activity_ms, id);

-- `key` says which turns are the same one: the file's own id of the message, or a hash of the
-- content and all that came before it. An append that is tried again finds its key taken.
CREATE TABLE turns (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    session_id INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    key BLOB NOT NULL,
    kind TEXT NOT NULL
        CHECK (kind IN ('message', 'primer', 'question', 'answer', 'reasoning', 'tool')),
    role TEXT NOT NULL CHECK (role IN ('user', 'assistant', 'system', 'tool')),
    speaker_id INTEGER NOT NULL REFERENCES speakers (id),
    text TEXT NOT NULL,
    said_at_ms INTEGER,
    said_at_text TEXT,
    remembered_at_ms INTEGER NOT NULL,
    source_id TEXT,
    parent_source_id TEXT,
    on_active_path INTEGER NOT NULL DEFAULT 1 CHECK (on_active_path IN (0, 1)),
    import_id INTEGER REFERENCES imports (id)
) STRICT;

CREATE UNIQUE INDEX turns_by_position ON turns (session_id, position);
CREATE UNIQUE INDEX turns_by_key ON turns (key, session_id);
CREATE INDEX turns_by_import ON turns (import_id) WHERE import_id IS NOT NULL;
CREATE INDEX turns_by_said_at ON turns (said_at_ms);

CREATE VIRTUAL TABLE words USING fts5 (
    speaker, text, content = '', tokenize = 'ascii'
);
-- Forgotten words leave the pages at once, not at the next merge.
INSERT INTO words (words, rank) VALUES ('secure-delete', 1);
-- How many turns hold a word: rare words are looked for first.
CREATE VIRTUAL TABLE word_counts USING fts5vocab (words, row);

CREATE TABLE encoders (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    dim INTEGER NOT NULL CHECK (dim > 0)
) STRICT;

-- `vector` is `dim` IEEE 754 half-precision floats, little-endian; `tokens` holds 16 bytes for each
-- token of the turn, the signs of its vector along 128 directions that belong to the encoder. `sequence` only grows, so an
-- index that is in step up to a sequence reads what came after it, from any process.
CREATE TABLE embeddings (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    turn_id INTEGER NOT NULL UNIQUE REFERENCES turns (id) ON DELETE CASCADE,
    encoder_id INTEGER NOT NULL REFERENCES encoders (id),
    vector BLOB NOT NULL,
    tokens BLOB NOT NULL
) STRICT;

-- Turns whose embedding is still to be made.
CREATE TABLE pending_embeddings (
    turn_id INTEGER PRIMARY KEY REFERENCES turns (id) ON DELETE CASCADE
) STRICT;

-- What each stored answer rests on.
CREATE TABLE citations (
    answer_id INTEGER NOT NULL REFERENCES turns (id) ON DELETE CASCADE,
    number INTEGER NOT NULL CHECK (number > 0),
    turn_id INTEGER NOT NULL REFERENCES turns (id) ON DELETE CASCADE,
    quote TEXT NOT NULL,
    PRIMARY KEY (answer_id, number)
) STRICT, WITHOUT ROWID;

CREATE INDEX citations_by_turn ON citations (turn_id);

INSERT INTO migrations VALUES (1, '56e3825a6db022d6332d067f05f2add6f06f1a734745339cadf887b0f9250447');
INSERT INTO imports VALUES (1, 'chatgpt', 'conversations.json', 1714900000000);
INSERT INTO speakers VALUES (1, 'user'), (2, 'recount'), (3, 'Jørn');
INSERT INTO sessions (id, source, source_id, title, remembered_at_ms, first_said_at_ms, last_said_at_ms, activity_ms, turn_count, import_id)
    VALUES (1, 'chat', NULL, 'The kettle', 1714900000000, 1714900000000, 1714900060000, 1714900060000, 3, NULL),
           (2, 'chatgpt', 'conv-1', 'Seedlings', 1714900100000, NULL, NULL, 1714900100000, 1, 1);
INSERT INTO turns (id, session_id, position, key, kind, role, speaker_id, text, said_at_ms, said_at_text, remembered_at_ms, source_id, parent_source_id, on_active_path, import_id)
    VALUES (1, 1, 0, x'01', 'message', 'user', 1, 'The kettle is blue.', 1714900000000, NULL, 1714900000000, NULL, NULL, 1, NULL),
           (2, 1, 1, x'02', 'question', 'user', 1, 'Which colour is the kettle?', 1714900060000, NULL, 1714900060000, NULL, NULL, 1, NULL),
           (3, 1, 2, x'03', 'answer', 'assistant', 2, 'blue', 1714900060000, NULL, 1714900060000, NULL, NULL, 1, NULL),
           (4, 2, 0, x'04', 'message', 'user', 3, 'Røde tomater.', NULL, '5 May', 1714900100000, 'm1', NULL, 1, 1);
INSERT INTO words (rowid, speaker, text)
    VALUES (1, 'user', 'the kettl is blue'), (2, 'user', 'which colour is the kettl'), (3, 'recount', 'blue'), (4, 'jorn', 'rode tomat');
INSERT INTO encoders VALUES (1, 'all-minilm-l6-v2-int8', 4);
INSERT INTO embeddings (turn_id, encoder_id, vector, tokens) VALUES (1, 1, x'003c000000000000', x''), (2, 1, x'0000003c00000000', x'');
INSERT INTO pending_embeddings VALUES (3), (4);
INSERT INTO citations VALUES (3, 1, 1, 'The kettle is blue.');
PRAGMA application_id = 1919247214;
PRAGMA user_version = 1;
COMMIT;
