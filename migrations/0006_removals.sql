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
