//! Topics: the words that some sessions are about and others are not.

use super::embeddings::embedding_of;
use super::stats::Tally;
use super::{Memory, MemoryError};
use crate::conversation::{Embedding, SessionId};
use crate::language;
use crate::secrets;
use rusqlite::{Connection, params};
use std::collections::{HashMap, HashSet};

/// More turns than this are not read: every so many stands for those between.
const SAMPLE: i64 = 20_000;

/// Words that people say whatever they talk about, as they are written in talk and in addresses of
/// the web. Questions are looked for with most of them, so they are more than stop words.
const EVERYDAY: &str = "\
    absolutely actually agree almost already alright although always amazing another anymore \
    anything anyway appreciate around ask asked away awesome back bad become believe best \
    better bit called came change check com come comes coming cool could course day days \
    definitely different done ease else enjoy enough even ever every everyone everything \
    exactly example excited exciting fact feel feeling feels felt find fine first follow found \
    full fun gave getting give gives glad goes going gone gonna good got gotta great guess \
    guys happen happened happy hard hear heard hello help helped helpful helps here hey hope \
    html http https idea image important info inspiring instead interesting into just keep \
    kind knew know known last later least left let life like likely little long look looking \
    looks lot lots love loved made make makes making many may maybe mean means might mind \
    moment more morning most much must need needed needs never new next nice nothing now often \
    okay old one ones only open org others our ours out over own part people perhaps person \
    photo php picture place please point pretty probably put question quite read ready really \
    reason reply right said same saw say saying says second see seem seems seen sent several \
    shall share should show since small some someone something sometimes soon sorry sounds \
    start started stay step still stuff such sure take taken takes taking talk tell than thank \
    thanks that their them then there these they thing things think thinking this those though \
    thought through time times today together told tomorrow tonight too took totally toward \
    tried true try trying two understand until use used useful uses using usually very wait \
    wanna want wanted wants way ways week welcome well went were when whether which while \
    whole will within without wonderful word words work worked working works worry would wow \
    www yeah year years yep yes yesterday yet you your yours";

/// A turn with its session and its embedding.
#[derive(Debug, Clone, PartialEq)]
pub struct Meant {
    /// Its session.
    pub session: SessionId,
    /// What was said.
    pub text: String,
    /// Its embedding.
    pub embedding: Embedding,
}

/// A word in the sample.
#[derive(Default)]
struct Seen {
    turns: u64,
    sessions: HashSet<SessionId>,
    /// How often each spelling stands there.
    spellings: HashMap<String, u64>,
}

impl Memory {
    /// Turns with the embeddings of the encoder that answers, in the order in which they were
    /// remembered, and how many turns each stands for: of a large memory every so many blocks of
    /// `together` neighbours.
    pub fn meant(&self, together: u64, most: u64) -> Result<(Vec<Meant>, u64), MemoryError> {
        self.read(|connection| {
            let count: i64 =
                connection.query_row("SELECT count(*) FROM embeddings", [], |row| row.get(0))?;
            let every = count as u64 / most.max(1) + 1;
            let mut statement = connection.prepare_cached(
                "SELECT t.session_id, t.text, e.vector FROM turns t
                 JOIN embeddings e ON e.turn_id = t.id
                 WHERE (t.id / ?1) % ?2 = 0 AND t.kind = 'message'
                   AND t.role IN ('user', 'assistant')
                   AND t.session_id NOT IN (SELECT session_id FROM deletions)
                 ORDER BY t.id",
            )?;
            let rows = statement.query_map(params![together as i64, every as i64], |row| {
                Ok(Meant {
                    session: SessionId(row.get(0)?),
                    text: secrets::masked(&row.get::<_, String>(1)?).into_owned(),
                    embedding: embedding_of(row.get_ref(2)?.as_blob()?),
                })
            })?;
            Ok((rows.collect::<Result<_, _>>()?, every))
        })
    }

    /// The words of the speakers' names.
    pub fn name_terms(&self) -> Result<HashSet<String>, MemoryError> {
        self.read(name_terms)
    }

    /// The words that are said often in few sessions, the most telling first, with the turns and
    /// sessions that hold them. Names of speakers, numbers and everyday words are no topics. In a large memory they
    /// are counted on a sample of its turns.
    pub fn topics(&self, limit: usize) -> Result<Vec<Tally>, MemoryError> {
        let (seen, sessions) = self.sample()?;
        let told = |one: &Seen| {
            let spread = (sessions as f64 + 1.0) / one.sessions.len() as f64;
            (one.turns as f64).sqrt() * spread.ln()
        };
        let mut words: Vec<Seen> = seen.into_values().filter(|one| one.turns > 1).collect();
        words.sort_by(|a, b| told(b).total_cmp(&told(a)).then_with(|| a.name().cmp(b.name())));
        let tally = |one: &Seen| Tally {
            name: one.name().to_owned(),
            turns: one.turns,
            sessions: one.sessions.len() as u64,
        };
        Ok(words.iter().take(limit).map(tally).collect())
    }

    /// The words of a sample by their terms, and of how many sessions it is.
    fn sample(&self) -> Result<(HashMap<String, Seen>, usize), MemoryError> {
        self.read(|connection| {
            let names = name_terms(connection)?;
            let everyday: HashSet<&str> = EVERYDAY.split_whitespace().collect();
            let turns: i64 =
                connection.query_row("SELECT count(*) FROM turns", [], |row| row.get(0))?;
            let mut statement = connection.prepare_cached(
                "SELECT session_id, text FROM turns
                 WHERE id % ?1 = 0 AND kind = 'message' AND role IN ('user', 'assistant')",
            )?;
            let mut rows = statement.query([turns / SAMPLE + 1])?;
            let mut seen: HashMap<String, Seen> = HashMap::new();
            let mut sessions = HashSet::new();
            while let Some(row) = rows.next()? {
                let session = SessionId(row.get(0)?);
                let text: String = row.get(1)?;
                sessions.insert(session);
                let mut here = HashSet::new();
                // A word of a secret is no topic.
                for word in language::words(&secrets::masked(&text)) {
                    let says = word.text.chars().count() > 2
                        && !word.text.chars().any(char::is_numeric)
                        && !language::is_stop_word(word.text)
                        && !everyday.contains(word.text.to_lowercase().as_str())
                        && !names.contains(&word.term);
                    if says && here.insert(word.term.clone()) {
                        let one = seen.entry(word.term).or_default();
                        one.turns += 1;
                        one.sessions.insert(session);
                        *one.spellings.entry(word.text.to_lowercase()).or_default() += 1;
                    }
                }
            }
            Ok((seen, sessions.len()))
        })
    }
}

fn name_terms(connection: &Connection) -> Result<HashSet<String>, MemoryError> {
    let mut names = HashSet::new();
    let mut statement = connection.prepare_cached("SELECT name FROM speakers")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let name: String = row.get(0)?;
        names.extend(language::words(&name).into_iter().map(|word| word.term));
    }
    Ok(names)
}

impl Seen {
    /// The spelling that stands there most often.
    fn name(&self) -> &str {
        let most = self.spellings.iter().max_by(|a, b| a.1.cmp(b.1).then_with(|| b.0.cmp(a.0)));
        most.map_or("", |(spelling, _)| spelling)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conversation::{NewTurn, Role, Timestamp};

    #[test]
    fn what_one_session_is_about_comes_before_what_all_say() {
        let memory = Memory::open_in_memory().unwrap();
        let now = Timestamp::from_millis(1).unwrap();
        for (speaker, texts) in [
            ("Greta", ["The greyhounds bark, thanks", "A greyhound ran", "Bark, Greta"]),
            ("Ann", ["Clocks and bark", "Thanks, my clock ticks 1890", "Bark, greta"]),
            ("Ann", ["Bark at https://a.bc", "Thanks for your bark", "So barking"]),
        ] {
            let session = memory.begin_session("chat", None, now).unwrap();
            for text in texts {
                let turn = NewTurn::message(Role::User, speaker, text);
                memory.append(session, &turn, None, now).unwrap();
            }
        }
        let topics = memory.topics(3).unwrap();
        let names: Vec<&str> = topics.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["clock", "greyhound", "bark"]);
        assert_eq!((topics[1].turns, topics[1].sessions), (2, 1));
        assert_eq!((topics[2].turns, topics[2].sessions), (7, 3));
    }
}
