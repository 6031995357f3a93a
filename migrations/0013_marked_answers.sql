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
