//! Writes what is known of each line of standard input, a JSON list a line: `assets/tell/fit.py` fits the
//! weights to it by which recount tells questions from statements.

use std::io::{BufRead as _, Write as _};

fn main() -> std::io::Result<()> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for line in std::io::stdin().lock().lines() {
        // A line break inside of a text is written as `\n`.
        let text = line?.replace("\\n", "\n");
        writeln!(out, "{}", serde_json::json!(recount::language::line_features(&text)))?;
    }
    Ok(())
}
