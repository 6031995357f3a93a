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
