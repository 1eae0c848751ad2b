//! The little Markdown that the document uses: paragraphs, lists with dashes, `code` and **weight**.
//! No markup comes out of here, only pieces; the template writes them.

/// A paragraph, or a list.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) is_list: bool,
    /// The lines of a list; a paragraph has one.
    pub(super) lines: Vec<Vec<Span>>,
}

/// A piece of a line.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Span {
    Text(String),
    Code(String),
    Strong(String),
}

/// Reads a text.
pub(super) fn blocks(text: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    for paragraph in text.split("\n\n").map(str::trim).filter(|paragraph| !paragraph.is_empty()) {
        let items: Vec<_> = paragraph.lines().filter_map(|line| line.trim().strip_prefix("- ")).collect();
        let is_list = !items.is_empty();
        let lines = if is_list {
            items.into_iter().map(spans).collect()
        } else {
            vec![spans(&paragraph.lines().map(str::trim).collect::<Vec<_>>().join(" "))]
        };
        blocks.push(Block { is_list, lines });
    }
    blocks
}

fn spans(line: &str) -> Vec<Span> {
    let mut spans = Vec::new();
    // Every second piece between backticks is code.
    for (at, piece) in line.split('`').enumerate() {
        if at % 2 == 1 {
            spans.push(Span::Code(piece.to_owned()));
            continue;
        }
        for (at, piece) in piece.split("**").enumerate().filter(|(_, piece)| !piece.is_empty()) {
            spans.push(if at % 2 == 1 { Span::Strong(piece.to_owned()) } else { Span::Text(piece.to_owned()) });
        }
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pieces_come_out_in_order() {
        let read = blocks("One\nline, `a`, **b**.\n\n- first\n- `x`: y");
        let text = |text: &str| Span::Text(text.to_owned());
        assert_eq!(read.len(), 2);
        let first =
            [text("One line, "), Span::Code("a".to_owned()), text(", "), Span::Strong("b".to_owned()), text(".")];
        assert_eq!(read[0].lines, [first]);
        assert!(read[1].is_list && !read[0].is_list);
        assert_eq!(read[1].lines[1], [Span::Code("x".to_owned()), text(": y")]);
        assert_eq!(blocks("  \n\n "), []);
    }
}
