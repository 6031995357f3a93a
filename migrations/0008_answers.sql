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
