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
