//! Pages of HTML as a tree of elements, as far as exports need it: names, classes, attributes, text.
//!
//! Owns: putting the tokens of a page together, forgiving what is not closed. Does not own what a
//! page means. Nothing of a page is ever run or fetched.

use html5gum::{DefaultEmitter, Token, Tokenizer};

/// Elements that lie deeper than this lie in the last one that does not.
const DEPTH: usize = 128;

/// Elements that hold nothing.
const VOID: [&str; 14] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source",
    "track", "wbr",
];

/// Elements that begin and end a line.
const BLOCKS: [&str; 14] = [
    "address",
    "article",
    "blockquote",
    "div",
    "h1",
    "h2",
    "h3",
    "h4",
    "li",
    "p",
    "pre",
    "section",
    "tr",
    "ul",
];

/// An element with what is in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::import) struct Element {
    name: String,
    attributes: Vec<(String, String)>,
    inside: Vec<Node>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Node {
    Text(String),
    Element(Element),
}

/// How the text of some elements is written.
struct Rules<'a> {
    /// What is put before each line of an element.
    mark: &'a dyn Fn(&Element) -> Option<&'static str>,
    /// What an element is replaced by.
    replace: &'a dyn Fn(&Element) -> Option<String>,
}

impl Element {
    /// Reads a page; returns a nameless element around it.
    pub(in crate::import) fn parse(page: &str) -> Self {
        let mut emitter = DefaultEmitter::default();
        emitter.naively_switch_states(true);
        let mut open = vec![Self::default()];
        for token in Tokenizer::new_with_emitter(page, emitter) {
            let Ok(token) = token;
            match token {
                Token::StartTag(tag) => {
                    let element = Self {
                        name: text(&tag.name),
                        attributes: tag
                            .attributes
                            .iter()
                            .map(|(name, value)| (text(name), text(value)))
                            .collect(),
                        inside: Vec::new(),
                    };
                    let ends = tag.self_closing || VOID.contains(&element.name.as_str());
                    if ends || open.len() >= DEPTH {
                        push(&mut open, Node::Element(element));
                    } else {
                        open.push(element);
                    }
                }
                Token::EndTag(tag) => {
                    let name = text(&tag.name);
                    if let Some(at) = open.iter().skip(1).rposition(|element| element.name == name)
                    {
                        close(&mut open, at + 1);
                    }
                }
                Token::String(words) => push(&mut open, Node::Text(text(&words))),
                _ => {}
            }
        }
        close(&mut open, 1);
        open.pop().unwrap_or_default()
    }

    /// The value of an attribute.
    pub(in crate::import) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Whether it is of an element's kind: `div`.
    pub(in crate::import) fn is(&self, name: &str) -> bool {
        self.name == name
    }

    /// Whether it has all of some classes.
    pub(in crate::import) fn has_classes(&self, classes: &[&str]) -> bool {
        let own = self.attribute("class").unwrap_or_default();
        classes.iter().all(|class| own.split_ascii_whitespace().any(|known| known == *class))
    }

    /// The elements of a kind below it, in the order of the page; what lies in one that was found
    /// is not looked at.
    pub(in crate::import) fn find_all<'e>(&'e self, is: &dyn Fn(&Self) -> bool) -> Vec<&'e Self> {
        let mut found = Vec::new();
        self.collect(is, &mut found);
        found
    }

    /// The first element of a kind below it.
    pub(in crate::import) fn find(&self, is: &dyn Fn(&Self) -> bool) -> Option<&Self> {
        self.elements().find_map(|inner| if is(inner) { Some(inner) } else { inner.find(is) })
    }

    fn collect<'e>(&'e self, is: &dyn Fn(&Self) -> bool, found: &mut Vec<&'e Self>) {
        for inner in self.elements() {
            if is(inner) {
                found.push(inner);
            } else {
                inner.collect(is, found);
            }
        }
    }

    /// The first element of a kind, with what stands before it and after it; each in the elements
    /// that are around it.
    pub(in crate::import) fn split_at(
        &self,
        is: &dyn Fn(&Self) -> bool,
    ) -> Option<(Self, Self, Self)> {
        let with = |inside: &[Node]| Self {
            name: self.name.clone(),
            attributes: self.attributes.clone(),
            inside: inside.to_vec(),
        };
        self.inside.iter().enumerate().find_map(|(at, node)| {
            let Node::Element(element) = node else { return None };
            let (mut before, mut after) = (with(&self.inside[..at]), with(&self.inside[at + 1..]));
            if is(element) {
                return Some((before, element.clone(), after));
            }
            let (first, found, last) = element.split_at(is)?;
            before.inside.push(Node::Element(first));
            after.inside.insert(0, Node::Element(last));
            Some((before, found, after))
        })
    }

    /// The same element without those of a kind in it.
    #[must_use]
    pub(in crate::import) fn without(&self, is: &dyn Fn(&Self) -> bool) -> Self {
        let inside = self.inside.iter().filter_map(|node| match node {
            Node::Element(element) if is(element) => None,
            Node::Element(element) => Some(Node::Element(element.without(is))),
            text @ Node::Text(_) => Some(text.clone()),
        });
        Self {
            name: self.name.clone(),
            attributes: self.attributes.clone(),
            inside: inside.collect(),
        }
    }

    /// The elements in it.
    pub(in crate::import) fn elements(&self) -> impl Iterator<Item = &Self> {
        self.inside.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// Its own text, without that of the elements in it.
    pub(in crate::import) fn own_text(&self) -> String {
        let texts = self.inside.iter().filter_map(|node| match node {
            Node::Text(text) => Some(text.as_str()),
            Node::Element(_) => None,
        });
        texts.collect::<String>().trim().to_owned()
    }

    /// All of its text as it stands, whatever the elements mean: for XML that is read as a page.
    pub(in crate::import) fn all_text(&self) -> String {
        let texts = self.inside.iter().map(|node| match node {
            Node::Text(text) => text.clone(),
            Node::Element(element) => element.all_text(),
        });
        texts.collect()
    }

    /// All of its text as lines: blocks and line breaks end one, other white space is one space,
    /// but in preformatted text.
    pub(in crate::import) fn text(&self) -> String {
        self.text_with(&|_| None)
    }

    /// The same, with a mark before each line of those elements for which one is given.
    pub(in crate::import) fn text_with(
        &self,
        mark: &dyn Fn(&Self) -> Option<&'static str>,
    ) -> String {
        self.text_by(&Rules { mark, replace: &|_| None })
    }

    /// The same, with something else in the place of some elements, such as pictures.
    pub(in crate::import) fn text_replacing(
        &self,
        replace: &dyn Fn(&Self) -> Option<String>,
    ) -> String {
        self.text_by(&Rules { mark: &|_| None, replace })
    }

    fn text_by(&self, rules: &Rules<'_>) -> String {
        let mut text = String::new();
        self.write(&mut text, false, rules);
        let lines: Vec<&str> = text.trim().lines().map(str::trim_end).collect();
        lines.join("\n")
    }

    fn write(&self, out: &mut String, preformatted: bool, rules: &Rules<'_>) {
        if let Some(instead) = (rules.replace)(self) {
            out.push_str(&instead);
            return;
        }
        if matches!(self.name.as_str(), "script" | "style" | "head" | "title") {
            return;
        }
        if self.name == "br" {
            out.push('\n');
            return;
        }
        let block = BLOCKS.contains(&self.name.as_str());
        let preformatted = preformatted || self.name == "pre";
        end_line(out, block);
        for node in &self.inside {
            match node {
                Node::Element(element) => match (rules.mark)(element) {
                    None => element.write(out, preformatted, rules),
                    Some(sign) => {
                        end_line(out, true);
                        for line in element.text_by(rules).lines() {
                            out.push_str(sign);
                            out.push_str(line);
                            out.push('\n');
                        }
                    }
                },
                Node::Text(text) if preformatted => out.push_str(text),
                Node::Text(text) => {
                    for c in text.chars() {
                        if !matches!(c, ' ' | '\t' | '\n' | '\r' | '\x0C') {
                            out.push(c);
                        } else if !out.is_empty() && !out.ends_with([' ', '\n']) {
                            out.push(' ');
                        }
                    }
                }
            }
        }
        end_line(out, block);
    }
}

fn end_line(out: &mut String, block: bool) {
    if block && !out.is_empty() && !out.ends_with('\n') {
        out.truncate(out.trim_end_matches(' ').len());
        out.push('\n');
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn push(open: &mut [Element], node: Node) {
    if let Some(last) = open.last_mut() {
        last.inside.push(node);
    }
}

/// Closes the element at a place among the open ones, and those in it.
fn close(open: &mut Vec<Element>, at: usize) {
    while open.len() > at.max(1) {
        if let Some(element) = open.pop() {
            push(open, Node::Element(element));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(page: &str, expected: &str) {
        assert_eq!(Element::parse(page).text(), expected, "{page}");
    }

    #[test]
    fn texts() {
        check("a<br>b &amp; c &lt;d&gt;&nbsp;&#x1F600;", "a\nb & c <d>\u{A0}😀");
        check("<p>one\n two</p><p>three</p>", "one two\nthree");
        check("<div>a <b>bold</b> end</div>\n<div>b</div>", "a bold end\nb");
        check("<pre>a\n  b</pre>c", "a\n  b\nc");
        check("<style>x{}</style><script>if (a<b) {}</script>text", "text");
        check("<b>never <i>closed", "never closed");
        check("</div>stray</p>", "stray");
        check("", "");
    }

    #[test]
    fn lines_are_marked() {
        let page = Element::parse("a<q>b<br>c <q>d</q></q>e");
        let text = page.text_with(&|element| element.is("q").then_some("| "));
        assert_eq!(text, "a\n| b\n| c\n| | d\ne");
    }

    #[test]
    fn elements_are_found() {
        let page = Element::parse(
            "<div class='a b' id=x><div class=a>in</div></div><div class=\"a\"><p>y</p></div>",
        );
        let found = page.find_all(&|e| e.has_classes(&["a"]));
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].attribute("id"), Some("x"));
        assert_eq!(found[0].find(&|e| e.is("div")).map(Element::own_text).as_deref(), Some("in"));
        assert!(page.find(&|e| e.has_classes(&["a", "c"])).is_none());
    }

    #[test]
    fn deep_pages_do_no_harm() {
        let page = Element::parse(&"<div>".repeat(100_000));
        assert_eq!(page.text(), "");
    }

    proptest::proptest! {
        #[test]
        fn never_panics(page in "[<>/a-c =\"'&;!\\-]{0,60}") {
            let _ = Element::parse(&page).text();
        }
    }
}
