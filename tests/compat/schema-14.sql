-- A memory of schema 14; see tests/suite/compat.rs.
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
-- The turns that are no plain messages, listed by kind.
--
-- Why: every question leaves out what no answer may rest on, and weighs in the primers. For each of
-- both it read the kinds of all turns: at 10,000 turns a quarter of its time, at 100,000 more than
-- all the rest together. Such turns are few beside what people said, and where there are none the
-- index is empty.

CREATE INDEX turns_beside_messages ON turns (kind) WHERE kind <> 'message';

INSERT INTO migrations VALUES (2, '509bd06850fb69bb19307df15946ae7c7d73ecd1f73dda4ab572ecd4af834ded');
-- What people do to sessions when they review them: names, tags, pins, the place they read to,
-- forks, and sessions that were merged into others.
--
-- Why: `title` is what an import wrote, and the next import of the same file may bring another; a
-- name that the user gave outlives it. A merged session stays known by the identity its file gave
-- it, or the next import would bring it a second time.

ALTER TABLE sessions ADD COLUMN name TEXT;
ALTER TABLE sessions ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0 CHECK (pinned IN (0, 1));
ALTER TABLE sessions ADD COLUMN read_position INTEGER;
-- The turn whose edited repetition began this session.
ALTER TABLE sessions ADD COLUMN forked_from INTEGER REFERENCES turns (id) ON DELETE SET NULL;

CREATE INDEX sessions_by_fork ON sessions (forked_from) WHERE forked_from IS NOT NULL;
CREATE INDEX sessions_by_pin ON sessions (pinned, activity_ms, id) WHERE pinned = 1;
CREATE INDEX sessions_by_import ON sessions (import_id) WHERE import_id IS NOT NULL;

CREATE TABLE session_tags (
    tag TEXT NOT NULL,
    session_id INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    PRIMARY KEY (tag, session_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX session_tags_by_session ON session_tags (session_id);

CREATE TABLE merged_sessions (
    source TEXT NOT NULL,
    source_id TEXT NOT NULL,
    session_id INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    PRIMARY KEY (source, source_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX merged_sessions_by_session ON merged_sessions (session_id);

INSERT INTO migrations VALUES (3, '551e685173f3635a9c03f6c7347900eb6b7455e8b10a3597700c0507b010c37d');
-- What was forgotten, by hashes that tell nothing of it.
--
-- Why: the file that a forgotten turn came from is still on the disk, and the next import of it
-- must not bring the turn back. `key` is a hash of the source, the file's id of the conversation and
-- the turn's own key, so it can be looked up while importing and cannot be read.

CREATE TABLE tombstones (
    key BLOB PRIMARY KEY,
    forgotten_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO migrations VALUES (4, '930f76c174e5238792869be1665c044d62feb257cab3d73cbe022e36e257616c');
-- The words of what is folded away: reasoning, tool calls and their results.
--
-- Why: they are found only on request. In logs of coding agents they are most of the text; among
-- the words of what was said they would slow every search and change how rare a word is.

CREATE VIRTUAL TABLE folded_words USING fts5 (
    speaker, text, content = '', tokenize = 'ascii'
);
-- Forgotten words leave the pages at once, not at the next merge.
INSERT INTO folded_words (folded_words, rank) VALUES ('secure-delete', 1);

INSERT INTO migrations VALUES (5, '9b674aedef82f31111180839d1bc51e3a01af5b2e678bebc7517ca2d167aaed1');
-- How often an embedding was taken away, and the turns of a speaker.
--
-- Why: `sequence` tells an index what it has not read yet; nothing told it what to drop, and the
-- process that removes a turn is not the only one with an index. A count that only grows is enough:
-- an index that sees it changed asks which of its turns still have an embedding. A log of the ids
-- would tell the same, grow for ever, and keep a trace of what was forgotten. The trigger counts
-- however the embedding goes, through its turn or by itself.
-- A speaker whose last turn is removed goes as well, and SQLite reads all turns to see whether any
-- still refers to it, unless there is an index.

CREATE TABLE removals (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    count INTEGER NOT NULL
) STRICT;

INSERT INTO removals (id, count) VALUES (1, 0);

CREATE TRIGGER embeddings_removed AFTER DELETE ON embeddings
BEGIN
    UPDATE removals SET count = count + 1;
END;

CREATE INDEX turns_by_speaker ON turns (speaker_id);

INSERT INTO migrations VALUES (6, 'd842635591563b89588f869d87e1f9b8b409d4340e7f6c5ce05fa663377e5d56');
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

INSERT INTO migrations VALUES (7, '7874ffe46cc6a185c28dc061883a59760521acbd8cd4e367a3737dd970e9986c');
-- How an answer was given: whether it abstained and why, how sure it was, and by which decoder.
--
-- Why: an answer that is read again in its session must look as it did when it was given; its text
-- alone does not tell an abstention from an answer. Answers of before have no row.

CREATE TABLE answers (
    turn_id INTEGER PRIMARY KEY REFERENCES turns (id) ON DELETE CASCADE,
    abstained INTEGER NOT NULL CHECK (abstained IN (0, 1)),
    reason TEXT,
    confidence REAL NOT NULL,
    decoder TEXT NOT NULL
) STRICT;

INSERT INTO migrations VALUES (8, 'b066eb4f5bfea4d7c0f1b05a4556a0b42541724fde47f06c743bb313905bf410');
-- Embeddings that are being made anew, beside those that answer.
--
-- Why: another encoder takes an hour for a million turns, and until it is done the old vectors must
-- go on answering, also for the turns that are said meanwhile. `embeddings` holds those of one
-- encoder at a time; what is made anew gathers here, survives an interruption, and takes the place
-- of all of them in one transaction when no turn is missing.

CREATE TABLE coming_embeddings (
    turn_id INTEGER PRIMARY KEY REFERENCES turns (id) ON DELETE CASCADE,
    encoder_id INTEGER NOT NULL REFERENCES encoders (id),
    vector BLOB NOT NULL,
    tokens BLOB NOT NULL
) STRICT;

CREATE TRIGGER coming_embeddings_outdated AFTER UPDATE OF text, speaker_id ON turns
BEGIN
    DELETE FROM coming_embeddings WHERE turn_id = new.id;
END;

INSERT INTO migrations VALUES (9, 'b36e4d5253a3015f132ecca7c25a8998d79fbc4d3db984ea6f5f0096de68dbca');
-- The keys of sessions that were held here lead to them too.
--
-- Why: an import of recount's own export must know them again, and they have no id of a file. Those
-- of imported conversations without an id stand in `session_keys` since it was made.

INSERT OR IGNORE INTO session_keys (key, session_id)
SELECT t.key, t.session_id FROM turns t JOIN sessions s ON s.id = t.session_id
WHERE s.source_id IS NULL AND length(t.key) = 16;

INSERT INTO migrations VALUES (10, '4164638338c5dd75994fa4eed6c333a3d5ac6344fc3edff8a68408e3cc46b115');
-- Sessions that the user has deleted and that are still there, so that it can be taken back.
--
-- Why: a deletion is for good, so it waits until the user leaves; and neither the wish nor the way
-- back may be lost where the program is killed before that. Until then nothing lists or finds them.

CREATE TABLE deletions (
    session_id INTEGER PRIMARY KEY REFERENCES sessions (id) ON DELETE CASCADE,
    wished_at_ms INTEGER NOT NULL
) STRICT;

INSERT INTO migrations VALUES (11, 'afd790ee58c9b9cbe597a0d30d16a87851e0ecf57d271536ac47779dc44a824f');
-- What a session's title was before an import that brought messages brought another one.
--
-- Why: undoing an import leaves everything as it was, and a title often tells what was said.

CREATE TABLE earlier_titles (
    session_id INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    import_id INTEGER NOT NULL REFERENCES imports (id) ON DELETE CASCADE,
    title TEXT,
    PRIMARY KEY (session_id, import_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX earlier_titles_by_import ON earlier_titles (import_id);

INSERT INTO migrations VALUES (12, 'f61c05884d48da972f5f330269c21677ebc6cf01fd625835d04d949800a431c8');
-- Which question a stored answer is to, and whether somebody marked the answer right or wrong.
--
-- Why: an answer that was marked wrong must not be given again for a like question, and marked
-- answers are exported as questions to measure with. Both need the question. An earlier question can
-- be answered again at the end of its session, so the question is not always the one just before the
-- answer. For the answers that are there, the last question before each one is taken. A row goes with
-- its answer or its question: an answer whose question was deleted must not pass for one to another.

CREATE TABLE answer_questions (
    answer_id INTEGER PRIMARY KEY REFERENCES turns (id) ON DELETE CASCADE,
    question_id INTEGER NOT NULL REFERENCES turns (id) ON DELETE CASCADE
) STRICT;

CREATE INDEX answer_questions_by_question ON answer_questions (question_id);

INSERT INTO answer_questions (answer_id, question_id)
SELECT answer_id, question_id FROM (
    SELECT a.id AS answer_id,
        (SELECT q.id FROM turns q
         WHERE q.session_id = a.session_id AND q.position < a.position AND q.kind = 'question'
         ORDER BY q.position DESC LIMIT 1) AS question_id
    FROM turns a WHERE a.kind <> 'message' AND a.kind = 'answer')
WHERE question_id IS NOT NULL;

CREATE TABLE answer_marks (
    answer_id INTEGER PRIMARY KEY REFERENCES turns (id) ON DELETE CASCADE,
    mark TEXT NOT NULL CHECK (mark IN ('right', 'wrong')),
    marked_at_ms INTEGER NOT NULL
) STRICT;

INSERT INTO migrations VALUES (13, '86153b0a9d99e9ccea89a3d1a843186c4192ef2b1cdd22e3afaef9d7fc470209');
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

INSERT INTO migrations VALUES (14, '1348f2a1310f9cf626115329ae865b46b5013a7df02b6d72853d68b98d90b688');
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
UPDATE sessions SET name = 'Kitchen', pinned = 1, read_position = 1 WHERE id = 1;
INSERT INTO session_tags VALUES ('home', 1);
INSERT INTO tombstones VALUES (x'0a0b', 1714900200000);
INSERT INTO answer_questions VALUES (3, 2);
INSERT INTO answer_marks VALUES (3, 'right', 1714900300000);
UPDATE turns SET checksum = CASE id WHEN 1 THEN 2532205591722319618
    WHEN 2 THEN 5978484893337891351 WHEN 3 THEN 7975374765085947311
    WHEN 4 THEN 5892727966059024136 END;
PRAGMA application_id = 1919247214;
PRAGMA user_version = 14;
COMMIT;
