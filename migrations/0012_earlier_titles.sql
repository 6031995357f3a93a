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
