//! Tables in Markdown.

use std::fmt::Write;

/// A table in Markdown: its first column is text, the others are figures.
#[derive(Debug)]
pub struct Table<const COLUMNS: usize> {
    head: [&'static str; COLUMNS],
    rows: Vec<[String; COLUMNS]>,
}

impl<const COLUMNS: usize> Table<COLUMNS> {
    /// A table with this head and no rows.
    #[must_use]
    pub fn new(head: [&'static str; COLUMNS]) -> Self {
        Self {
            head,
            rows: Vec::new(),
        }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: [String; COLUMNS]) {
        self.rows.push(cells);
    }

    /// Appends the table and an empty line. What comments hold must not break it.
    pub fn write(&self, out: &mut String) {
        let escaped = |cell: &str| cell.replace('|', "\\|").replace(['\n', '\r'], " ");
        let mut line = |cells: Vec<String>| {
            let _ = writeln!(out, "| {} |", cells.join(" | ")); // a String takes everything
        };
        line(self.head.map(str::to_owned).to_vec());
        let marks = (0..COLUMNS).map(|at| if at == 0 { "---" } else { "---:" });
        line(marks.map(str::to_owned).collect());
        for row in &self.rows {
            line(row.iter().map(|cell| escaped(cell)).collect());
        }
        out.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_cannot_break_a_table() {
        let mut table = Table::new(["word", "times"]);
        table.row(["a|b\nc".to_owned(), "3".to_owned()]);
        let mut out = String::new();
        table.write(&mut out);
        assert_eq!(out, "| word | times |\n| --- | ---: |\n| a\\|b c | 3 |\n\n");
    }
}
