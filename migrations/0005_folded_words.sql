-- The words of what is folded away: reasoning, tool calls and their results.
--
-- Why: they are found only on request. In logs of coding agents they are most of the text; among
-- the words of what was said they would slow every search and change how rare a word is.

CREATE VIRTUAL TABLE folded_words USING fts5 (
    speaker, text, content = '', tokenize = 'ascii'
);
-- Forgotten words leave the pages at once, not at the next merge.
INSERT INTO folded_words (folded_words, rank) VALUES ('secure-delete', 1);
