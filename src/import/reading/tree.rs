//! Conversations that branch: the order in which to read them, and the path that was shown.

use crate::conversation::Timestamp;
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

/// A message's place in a tree.
#[derive(Debug, Clone, Default)]
pub(in crate::import) struct Node {
    /// Its identity; the first of several equal ones counts.
    pub(in crate::import) id: String,
    /// The message that it follows; one that does not exist makes this a root.
    pub(in crate::import) parent: Option<String>,
    /// When it was said.
    pub(in crate::import) said_at: Option<Timestamp>,
}

/// The nodes of a tree as far as they are known. Identities are kept as hashes: a log of an agent has
/// hundreds of thousands.
#[derive(Debug, Default)]
pub(in crate::import) struct Tree {
    hasher: RandomState,
    index: HashMap<Mark, u32>,
    nodes: Vec<Link>,
}

/// The hash of an identity: of so many bits that two of them are not the same by accident.
type Mark = [u64; 2];

#[derive(Debug)]
struct Link {
    parent: Option<Mark>,
    said_at: Option<Timestamp>,
}

/// How to read a tree. All lists are by the index of the node.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::import) struct Reading {
    /// Every node once: what follows stands after what it follows, and branches stand in the order
    /// in which they were said.
    pub(in crate::import) order: Vec<u32>,
    /// Whether a node stands on the path that was shown.
    pub(in crate::import) active: Vec<bool>,
    /// The node that each follows.
    pub(in crate::import) parent: Vec<Option<u32>>,
}

impl Tree {
    /// Takes the next node.
    pub(in crate::import) fn push(&mut self, node: &Node) {
        let at = self.nodes.len() as u32;
        let mark = self.mark(&node.id);
        self.index.entry(mark).or_insert(at);
        let parent = node.parent.as_deref().map(|id| self.mark(id));
        self.nodes.push(Link { parent, said_at: node.said_at });
    }

    /// Whether there is a node of an identity.
    pub(in crate::import) fn holds(&self, id: &str) -> bool {
        self.find(id).is_some()
    }

    /// The place of a node among those that were pushed.
    pub(in crate::import) fn place(&self, id: &str) -> Option<u32> {
        self.find(id)
    }

    fn mark(&self, id: &str) -> Mark {
        [self.hasher.hash_one(id), self.hasher.hash_one((id, 1))]
    }

    fn find(&self, id: &str) -> Option<u32> {
        self.index.get(&self.mark(id)).copied()
    }

    /// Returns how to read a tree whose shown path ends in `current`. Without it the path takes the
    /// last branch everywhere. Links that run in a circle are cut.
    pub(in crate::import) fn read(self, current: Option<&str>) -> Reading {
        let current = current.and_then(|id| self.find(id));
        let Self { index, nodes, .. } = self;
        let mut parent: Vec<Option<u32>> = nodes
            .iter()
            .zip(0..)
            .map(|(node, at)| index.get(&node.parent?).copied().filter(|parent| *parent != at))
            .collect();
        drop(index);
        cut_circles(&mut parent);

        // The children of each node from the last to the first: its last one, and the one before each.
        let mut last: Vec<Option<u32>> = vec![None; nodes.len()];
        let mut before: Vec<Option<u32>> = vec![None; nodes.len()];
        let mut last_root = None;
        for (at, above) in parent.iter().enumerate() {
            let last = above.map_or(&mut last_root, |above| &mut last[above as usize]);
            before[at] = last.replace(at as u32);
        }
        // From above: a node is never earlier than what it follows.
        let mut moment: Vec<Option<Timestamp>> = nodes.iter().map(|node| node.said_at).collect();
        drop(nodes);
        let mut order = Vec::with_capacity(parent.len());
        // What follows a node stands above it: each is pushed when its turn comes, the first last.
        let mut open: Vec<u32> = siblings(last_root, &before).collect();
        let roots = open.clone();
        while let Some(at) = open.pop() {
            order.push(at);
            if let Some(above) = parent[at as usize] {
                moment[at as usize] = moment[at as usize].max(moment[above as usize]);
            }
            open.extend(siblings(last[at as usize], &before));
        }
        order.sort_by_key(|at| moment[*at as usize]);

        let mut active = vec![false; parent.len()];
        let mut climb = |leaf: u32| {
            let mut next = Some(leaf);
            while let Some(at) = next.filter(|at| !active[*at as usize]) {
                active[at as usize] = true;
                next = parent[at as usize];
            }
        };
        match current {
            Some(leaf) if roots.len() < parent.len() => climb(leaf),
            _ => {
                for root in roots {
                    let mut leaf = root;
                    while let Some(last) = last[leaf as usize] {
                        leaf = last;
                    }
                    climb(leaf);
                }
            }
        }
        Reading { order, active, parent }
    }
}

/// The nodes of a list from its last one to its first.
fn siblings(last: Option<u32>, before: &[Option<u32>]) -> impl Iterator<Item = u32> + '_ {
    std::iter::successors(last, |at| before[*at as usize])
}

fn cut_circles(parent: &mut [Option<u32>]) {
    // 0: not seen; otherwise the number of the walk that saw it.
    let mut seen = vec![0_u32; parent.len()];
    for start in 0..parent.len() {
        let walk = start as u32 + 1;
        let mut at = start;
        while seen[at] == 0 {
            seen[at] = walk;
            match parent[at] {
                Some(above) if seen[above as usize] == walk => parent[above as usize] = None,
                Some(above) => at = above as usize,
                None => break,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Nodes as `id<parent@seconds`.
    fn nodes(text: &str) -> Vec<Node> {
        let node = |word: &str| {
            let (rest, time) = word.split_once('@').unwrap_or((word, ""));
            let (id, parent) = rest.split_once('<').map_or((rest, None), |(i, p)| (i, Some(p)));
            let said_at = time.parse::<i64>().ok().and_then(|s| Timestamp::from_millis(s * 1000));
            Node { id: id.to_owned(), parent: parent.map(str::to_owned), said_at }
        };
        text.split_whitespace().map(node).collect()
    }

    fn read(nodes: &[Node], current: Option<&str>) -> Reading {
        let mut tree = Tree::default();
        for node in nodes {
            tree.push(node);
        }
        tree.read(current)
    }

    fn check(text: &str, current: Option<&str>, order: &str, active: &str) {
        let nodes = nodes(text);
        let reading = read(&nodes, current);
        let ids = |list: Vec<u32>| {
            list.iter().map(|i| nodes[*i as usize].id.clone()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(ids(reading.order.clone()), order, "order of {text}");
        let shown = reading.order.into_iter().filter(|i| reading.active[*i as usize]).collect();
        assert_eq!(ids(shown), active, "active path of {text}");
    }

    #[test]
    fn reads_trees() {
        check("a b<a c<b", Some("c"), "a b c", "a b c");
        check("c<b@3 b<a@2 a@1", Some("c"), "a b c", "a b c");
        // An edited question is read after the answer to the first one.
        check("a@1 b<a@2 c<b@3 d<a@4 e<d@5", Some("c"), "a b c d e", "a b c");
        check("a@1 b<a@2 c<b@3 d<a@4 e<d@5", None, "a b c d e", "a d e");
        check("a@1 b@2", Some("b"), "a b", "a b");
        check("a<gone b<a", Some("missing"), "a b", "a b");
        // A time earlier than that of what it follows is not believed.
        check("a@5 b<a@1 c<b", Some("c"), "a b c", "a b c");
    }

    #[test]
    fn circles_are_cut() {
        check("a<c b<a c<b", Some("c"), "a b c", "a b c");
        check("a<a b<a", Some("b"), "a b", "a b");
    }

    proptest::proptest! {
        #[test]
        fn every_node_is_read_once(links in proptest::collection::vec((0_usize..12, 0_i64..9), 0..12), current in 0_usize..12) {
            let nodes: Vec<Node> = links.iter().enumerate().map(|(at, (parent, time))| Node {
                id: at.to_string(), parent: Some(parent.to_string()), said_at: Timestamp::from_millis(*time),
            }).collect();
            let reading = read(&nodes, Some(&current.to_string()));
            let mut order = reading.order.clone();
            order.sort_unstable();
            proptest::prop_assert_eq!(order, (0..nodes.len() as u32).collect::<Vec<_>>());
            for (place, at) in reading.order.iter().enumerate() {
                if let Some(above) = reading.parent[*at as usize] {
                    proptest::prop_assert!(reading.order[..place].contains(&above));
                }
            }
        }
    }
}
