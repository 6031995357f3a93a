-- The turns that are no plain messages, listed by kind.
--
-- Why: every question leaves out what no answer may rest on, and weighs in the primers. For each of
-- both it read the kinds of all turns: at 10,000 turns a quarter of its time, at 100,000 more than
-- all the rest together. Such turns are few beside what people said, and where there are none the
-- index is empty.

CREATE INDEX turns_beside_messages ON turns (kind) WHERE kind <> 'message';
