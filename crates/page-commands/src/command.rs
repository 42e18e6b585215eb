use shell_words::ParseError;

/// One command of a script: a program and its arguments, with what a shell would do to them left
/// undone but for quotation marks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    words: Vec<String>,
    line: usize,
}

impl Command {
    /// The commands of a script, in order: those of a pipe, a list or an `&&` one by one, without
    /// comments, redirections and variables that are set before the program.
    ///
    /// # Errors
    ///
    /// The line, from 0, in which a quotation does not end.
    pub(crate) fn all(script: &str) -> Result<Vec<Self>, (usize, ParseError)> {
        let mut commands = Vec::new();
        let mut lines = script.lines().enumerate();
        while let Some((line, text)) = lines.next() {
            let mut whole = text.to_owned();
            while let Some(begun) = whole.strip_suffix('\\') {
                whole = begun.to_owned();
                let Some((_, more)) = lines.next() else { break };
                whole.push_str(more);
            }
            let words = shell_words::split(&whole).map_err(|error| (line, error))?;
            let ends = |word: &String| ["|", "&&", "||"].contains(&&**word) || word.ends_with(';');
            for words in words.split_inclusive(ends) {
                let words: Vec<String> = (words.iter())
                    .map(|word| word.trim_end_matches(';').to_owned())
                    .filter(|word| !["", "|", "&&", "||"].contains(&&**word))
                    .collect();
                let redirected = |word: &String| word.starts_with(['<', '>']);
                let end = words.iter().position(redirected).unwrap_or(words.len());
                let words: Vec<String> = (words[..end].iter())
                    .skip_while(|word| is_assignment(word))
                    .cloned()
                    .collect();
                if !words.is_empty() {
                    commands.push(Self { words, line });
                }
            }
        }
        Ok(commands)
    }

    /// The program and its arguments.
    #[must_use]
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// The line of the script that it begins in, from 0.
    pub(crate) fn line(&self) -> usize {
        self.line
    }

    /// The arguments that the program of this name gets: called as `nico`, by a path, through a
    /// script (`out/cuda/run.sh nico …`) or as `cargo run -p nico -- …`. `None` if another program is
    /// called.
    #[must_use]
    pub fn arguments_of(&self, program: &str) -> Option<&[String]> {
        let (first, rest) = self.words.split_first()?;
        let name = first.rsplit('/').next()?;
        if name == program {
            return Some(rest);
        }
        let after = |word: &str| {
            let at = rest.iter().position(|one| one == word)?;
            Some(&rest[at + 1..])
        };
        if name.ends_with(".sh") {
            return after(program);
        }
        let is_cargo = name == "cargo" && rest.first().is_some_and(|word| word == "run");
        let is_it = after("-p")
            .and_then(<[String]>::first)
            .is_some_and(|one| one == program);
        let is_other = after("--bin").is_some() || after("--example").is_some();
        (is_cargo && is_it && !is_other).then(|| after("--").unwrap_or_default())
    }
}

/// Whether it is `NAME=value`.
fn is_assignment(word: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_uppercase() || c == '_';
    word.split_once('=')
        .is_some_and(|(name, _)| !name.is_empty() && name.chars().all(is_letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The arguments of all commands of a script that call `nico`, joined.
    fn of_nico(script: &str) -> Vec<String> {
        let commands = Command::all(script).unwrap();
        let arguments = commands
            .iter()
            .filter_map(|command| command.arguments_of("nico"));
        arguments.map(|words| words.join("|")).collect()
    }

    #[test]
    fn pipes_lists_comments_and_quotations_are_those_of_a_shell() {
        let script = "# nico help\nA=b nico words 'a b'   # nico no\n\
            x | nico live - --out - | mpv - && nico stats > f.txt\nnico run \\\n    --out \"o o\"";
        assert_eq!(
            of_nico(script),
            ["words|a b", "live|-|--out|-", "stats", "run|--out|o o"]
        );
        let lines: Vec<usize> = Command::all(script)
            .unwrap()
            .iter()
            .map(Command::line)
            .collect();
        assert_eq!(lines, [1, 2, 2, 2, 2, 3]);
    }

    #[test]
    fn a_program_is_known_however_it_is_called() {
        for (script, arguments) in [
            ("target/release/nico run", "run"),
            (
                "out/cuda/run.sh nico train --device cuda",
                "train|--device|cuda",
            ),
            ("cargo run --release -p nico -- stats a.xml", "stats|a.xml"),
            ("cargo run -p nico", ""),
        ] {
            assert_eq!(of_nico(script), [arguments], "{script}");
        }
        for other in [
            "mpv nico",
            "cargo build -p nico",
            "cargo run -p world -- nico",
            "cargo run -p nico --bin other -- a",
            "scripts/demo.sh",
        ] {
            assert!(of_nico(other).is_empty(), "{other}");
        }
    }

    #[test]
    fn an_open_quotation_is_told_with_its_line() {
        assert_eq!(Command::all("nico stats\nnico 'words").unwrap_err().0, 1);
        assert_eq!(of_nico("nico run \\"), ["run"]);
    }
}
