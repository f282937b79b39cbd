//! Just enough of Rust's grammar to read imports: words and signs with their lines, without comments and literals.

/// A word or a sign, and the line it stands on, counted from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    pub text: String,
    pub line: u32,
}

impl Token {
    pub fn is(&self, text: &str) -> bool {
        self.text == text
    }

    pub fn is_word(&self) -> bool {
        self.text.starts_with(is_word_char)
    }
}

/// The tokens of `text`; `::` is one, every other sign is one character.
pub fn tokens(text: &str) -> Vec<Token> {
    let mut scanner = Scanner { rest: text, line: 1, found: Vec::new() };
    while let Some(next) = scanner.rest.chars().next() {
        scanner.step(next);
    }
    scanner.found
}

struct Scanner<'a> {
    rest: &'a str,
    line: u32,
    found: Vec<Token>,
}

impl Scanner<'_> {
    fn step(&mut self, next: char) {
        let rest = self.rest;
        if rest.starts_with("//") {
            self.skip(rest.find('\n').unwrap_or(rest.len()));
        } else if rest.starts_with("/*") {
            self.skip(block_comment_len(rest));
        } else if let Some(len) = raw_string_len(rest) {
            self.skip(len);
        } else if next == '"' {
            self.skip(quoted_len(rest, '"'));
        } else if next == '\'' {
            self.skip(char_or_lifetime_len(rest));
        } else if is_word_char(next) {
            self.take(rest.find(|c| !is_word_char(c)).unwrap_or(rest.len()));
        } else if rest.starts_with("::") {
            self.take(2);
        } else if next.is_whitespace() {
            self.skip(next.len_utf8());
        } else {
            self.take(next.len_utf8());
        }
    }

    fn skip(&mut self, len: usize) {
        let (passed, rest) = self.rest.split_at(len);
        self.line += passed.matches('\n').count() as u32;
        self.rest = rest;
    }

    fn take(&mut self, len: usize) {
        self.found.push(Token { text: self.rest[..len].to_owned(), line: self.line });
        self.skip(len);
    }
}

fn is_word_char(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The length of a block comment, which may hold others.
fn block_comment_len(text: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < text.len() {
        if text[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if text[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

/// The length of `r"..."`, `br#"..."#` and the like, if `text` begins with one.
fn raw_string_len(text: &str) -> Option<usize> {
    let prefix = ["br", "cr", "r"].into_iter().find(|prefix| text.starts_with(prefix))?;
    let body = text[prefix.len()..].trim_start_matches('#');
    let hashes = text.len() - prefix.len() - body.len();
    let inside = body.strip_prefix('"')?;
    let close = format!("\"{}", "#".repeat(hashes));
    let len = inside.find(&close).map_or(inside.len(), |at| at + close.len());
    Some(text.len() - inside.len() + len)
}

/// The length of a literal between `quote`s, escapes included.
fn quoted_len(text: &str, quote: char) -> usize {
    let mut chars = text.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        if c == '\\' {
            chars.next();
        } else if c == quote {
            return at + c.len_utf8();
        }
    }
    text.len()
}

/// `'x'` and `'\n'` are literals; `'a` is a lifetime, of which the sign alone is passed over.
fn char_or_lifetime_len(text: &str) -> usize {
    let mut chars = text.chars().skip(1);
    match (chars.next(), chars.next()) {
        (Some('\\'), _) | (Some(_), Some('\'')) => quoted_len(text, '\''),
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::tokens;

    fn words(text: &str) -> String {
        tokens(text).into_iter().map(|token| token.text).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn comments_and_literals_are_passed_over() {
        assert_eq!(words("a // b\nc /* d /* e */ f */ g"), "a c g");
        assert_eq!(words(r#"a "b \" c" d"#), "a d");
        assert_eq!(words("a r#\"b \" c\"# d br\"e\" raw"), "a d raw");
        assert_eq!(words(r"a 'b' '\'' '\u{61}' c"), "a c");
    }

    #[test]
    fn lifetimes_do_not_swallow_what_follows() {
        assert_eq!(words("fn f<'a>(x: &'a str) {}"), "fn f < a > ( x : & a str ) { }");
    }

    #[test]
    fn lines_are_counted_through_everything() {
        let found = tokens("a\n\"x\ny\" b /* \n */ c");
        let lines: Vec<u32> = found.iter().map(|token| token.line).collect();
        assert_eq!(lines, [1, 3, 4]);
    }
}
