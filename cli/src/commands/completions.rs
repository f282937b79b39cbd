//! `shortlist completions`.

use clap::CommandFactory;
use clap_complete::{generate, shells};

use crate::args::{Cli, Shell};
use crate::failure::Result;
use crate::output::Output;

/// Prints the completion script of a shell.
pub fn run(shell: Shell, out: &mut Output) -> Result {
    let mut script = Vec::new();
    let mut command = Cli::command();
    let name = "shortlist";
    match shell {
        Shell::Bash => generate(shells::Bash, &mut command, name, &mut script),
        Shell::Zsh => generate(shells::Zsh, &mut command, name, &mut script),
        Shell::Fish => generate(shells::Fish, &mut command, name, &mut script),
    }
    out.line(String::from_utf8_lossy(&script).trim_end())
}
