//! `recount completions` and `recount man`: what is generated from the words of the command line.

use super::args::{Cli, CompletionsArgs, ManArgs};
use super::{CliError, Output, Status};
use clap::CommandFactory as _;
use clap_complete::env::Shells;
use std::io::{self, Write as _};

/// Where zsh loads the script as a file of its `fpath`, the first completion runs it and does nothing
/// else: it has to complete as well.
const ZSH_FIRST: &[u8] = b"
if [[ $funcstack[1] == _recount ]]; then
    _clap_dynamic_completer_recount \"$@\"
fi
";

/// Prints the script by which a shell asks the program for completions.
pub(super) fn completions(args: &CompletionsArgs) -> Result<Status, CliError> {
    let shells = Shells::builtins();
    let shell = shells.completer(&args.shell).ok_or_else(|| {
        let known: Vec<&str> = shells.names().collect();
        CliError::Usage(format!(
            "no completions for {}; supported shells: {}",
            args.shell,
            known.join(", ")
        ))
    })?;
    let mut out = io::stdout().lock();
    shell.write_registration("COMPLETE", "recount", "recount", "recount", &mut out)?;
    if args.shell == "zsh" {
        out.write_all(ZSH_FIRST)?;
    }
    out.flush()?;
    Ok(Status::Done)
}

/// Prints the manual page, or writes the pages of all commands into a folder.
pub(super) fn man(args: &ManArgs, output: Output) -> Result<Status, CliError> {
    let command = Cli::command();
    let Some(folder) = &args.dir else {
        let mut out = io::stdout().lock();
        clap_mangen::Man::new(command).render(&mut out)?;
        out.flush()?;
        return Ok(Status::Done);
    };
    let failed = |why| CliError::Write { path: folder.clone(), why };
    std::fs::create_dir_all(folder).map_err(failed)?;
    clap_mangen::generate_to(command, folder).map_err(failed)?;
    output.message(&format!("manual pages written to {}", folder.display()));
    Ok(Status::Done)
}
