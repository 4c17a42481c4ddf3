//! Reads Rust text just well enough for the rules: code without comments and literals, test blocks, words.

/// A line of code: its number from 1, and its text with comments and literals blanked.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) number: usize,
    pub(crate) text: String,
    /// The line belongs to an item under `#[cfg(test)]`.
    pub(crate) in_test: bool,
}

/// The file's lines, with comments, strings and characters replaced by blanks.
pub(crate) fn lines(text: &str) -> Vec<Line> {
    let code = code(text);
    let in_test = test_lines(&code);
    let marked = code.lines().zip(in_test).zip(1..);
    marked.map(|((line, in_test), number)| Line { number, text: line.to_owned(), in_test }).collect()
}

/// The identifiers and keywords of a line of code.
pub(crate) fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| !is_word(c)).filter(|word| !word.is_empty())
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The text with comments and literals blanked; every newline stays, so that line numbers hold.
fn code(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut previous = ' ';
    while let Some(first) = rest.chars().next() {
        let length = blank_length(rest, previous);
        let (taken, after) = rest.split_at_checked(length.max(first.len_utf8())).unwrap_or((rest, ""));
        if length == 0 {
            out.push(first);
        } else {
            out.extend(taken.chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        }
        previous = if length == 0 { first } else { ' ' };
        rest = after;
    }
    out
}

/// Bytes of the comment or literal that `rest` begins with; 0 for code.
fn blank_length(rest: &str, previous: char) -> usize {
    if rest.starts_with("//") {
        return rest.find('\n').unwrap_or(rest.len());
    }
    if rest.starts_with("/*") {
        return block_comment_length(rest);
    }
    if rest.starts_with('"') {
        return quoted_length(rest);
    }
    if rest.starts_with('\'') {
        return character_length(rest);
    }
    if rest.starts_with('r') && (!is_word(previous) || previous == 'b' || previous == 'c') {
        return raw_string_length(rest);
    }
    0
}

fn block_comment_length(rest: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(here) = rest.get(at..) {
        if here.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if here.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            match here.chars().next() {
                Some(c) => at += c.len_utf8(),
                None => break,
            }
        }
    }
    rest.len()
}

fn quoted_length(rest: &str) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// A lifetime (`'a`) is code and has length 0; a character literal ends at its second quote.
fn character_length(rest: &str) -> usize {
    let mut chars = rest.char_indices().skip(1);
    match (chars.next(), chars.next()) {
        // the escaped character itself may be a quote, so the search begins after it
        (Some((_, '\\')), Some((at, c))) => {
            let from = at + c.len_utf8();
            rest.get(from..).and_then(|tail| tail.find('\'')).map_or(0, |end| from + end + 1)
        }
        (Some(_), Some((at, '\''))) => at + 1,
        _ => 0,
    }
}

fn raw_string_length(rest: &str) -> usize {
    let after_r = rest.strip_prefix('r').unwrap_or(rest);
    let hashes = after_r.len() - after_r.trim_start_matches('#').len();
    let opening = 1 + hashes;
    let Some(body) = rest.get(opening..).filter(|body| body.starts_with('"')) else {
        return 0;
    };
    let closing = format!("\"{}", "#".repeat(hashes));
    let body = body.get(1..).unwrap_or_default();
    body.find(&closing).map_or(rest.len(), |end| opening + 1 + end + closing.len())
}

/// For each line of code, whether it belongs to an item under `#[cfg(test)]`.
fn test_lines(code: &str) -> Vec<bool> {
    const MARK: &str = "#[cfg(test)]";
    let mut marked = vec![false; code.lines().count()];
    for (start, _) in code.match_indices(MARK) {
        let (before, item) = code.split_at_checked(start).unwrap_or((code, ""));
        let first = before.matches('\n').count();
        let last = first + item.get(..item_length(item, MARK.len())).unwrap_or(item).matches('\n').count();
        for line in marked.iter_mut().take(last + 1).skip(first) {
            *line = true;
        }
    }
    marked
}

/// Bytes of an item: to its closing brace, or to its semicolon when it has no body.
fn item_length(item: &str, from: usize) -> usize {
    let mut depth = 0_usize;
    for (at, c) in item.char_indices().skip_while(|(at, _)| *at < from) {
        match c {
            '{' | '(' | '[' => depth += 1,
            '}' | ')' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 && (c == '}' || c == ';') {
            return at + 1;
        }
    }
    item.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code_words(text: &str) -> Vec<String> {
        lines(text).iter().flat_map(|line| words(&line.text).map(str::to_owned).collect::<Vec<_>>()).collect()
    }

    #[test]
    fn comments_and_literals_are_not_code() {
        assert_eq!(code_words("let a = \"hidden \\\" hidden\"; // hidden"), ["let", "a"]);
        assert_eq!(code_words("/* hidden /* hidden */ hidden */ fn f() {}"), ["fn", "f"]);
        assert_eq!(code_words("r#\"hidden \" hidden\"# + br\"hidden\" + seen"), ["b", "seen"]);
        assert_eq!(code_words("let q = '\"'; let b = '\\''; seen::<'a>()"), ["let", "q", "let", "b", "seen", "a"]);
        assert_eq!(code_words("for r in rows { r.seen }"), ["for", "r", "in", "rows", "r", "seen"]);
        assert_eq!(code_words("let open = \"never closed"), ["let", "open"]);
    }

    #[test]
    fn line_numbers_survive_long_literals() {
        let found = lines("let a = \"one\ntwo\nthree\";\nlet seen = 1;\n");
        assert_eq!(found.len(), 4);
        assert_eq!(found[3], Line { number: 4, text: "let seen = 1;".to_owned(), in_test: false });
    }

    #[test]
    fn test_items_are_marked_to_their_end() {
        let text = "fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() { \"}\" }\n}\nfn c() {}\n#[cfg(test)]\nuse x::y;\nfn d() {}\n";
        let marked: Vec<bool> = lines(text).iter().map(|line| line.in_test).collect();
        assert_eq!(marked, [false, true, true, true, true, false, true, true, false]);
    }
}
