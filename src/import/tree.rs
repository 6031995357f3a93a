//! Conversations that branch: the order in which to read them, and the path that was shown.

use crate::conversation::Timestamp;
use std::collections::HashMap;

/// A message's place in a tree.
#[derive(Debug, Clone, Default)]
pub(super) struct Node {
    /// Its identity; the first of several equal ones counts.
    pub(super) id: String,
    /// The message that it follows; one that does not exist makes this a root.
    pub(super) parent: Option<String>,
    /// When it was said.
    pub(super) said_at: Option<Timestamp>,
}

/// How to read a tree. All lists are by the index of the node.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Reading {
    /// Every node once: what follows stands after what it follows, and branches stand in the order
    /// in which they were said.
    pub(super) order: Vec<usize>,
    /// Whether a node stands on the path that was shown.
    pub(super) active: Vec<bool>,
    /// The node that each follows.
    pub(super) parent: Vec<Option<usize>>,
}

/// Returns how to read a tree whose shown path ends in `current`. Without it the path takes the
/// last branch everywhere. Links that run in a circle are cut.
pub(super) fn read(nodes: &[Node], current: Option<&str>) -> Reading {
    let mut index: HashMap<&str, usize> = HashMap::with_capacity(nodes.len());
    for (at, node) in nodes.iter().enumerate() {
        index.entry(&node.id).or_insert(at);
    }
    let mut parent: Vec<Option<usize>> = nodes
        .iter()
        .enumerate()
        .map(|(at, node)| index.get(node.parent.as_deref()?).copied().filter(|p| *p != at))
        .collect();
    cut_circles(&mut parent);

    let mut children: Vec<Vec<usize>> = vec![Vec::new(); nodes.len()];
    let mut roots = Vec::new();
    for (at, above) in parent.iter().enumerate() {
        above.map_or(&mut roots, |above| &mut children[above]).push(at);
    }
    // From above: a node is never earlier than what it follows.
    let mut moment: Vec<Option<Timestamp>> = nodes.iter().map(|node| node.said_at).collect();
    let mut order = Vec::with_capacity(nodes.len());
    let mut open: Vec<usize> = roots.iter().rev().copied().collect();
    while let Some(at) = open.pop() {
        order.push(at);
        if let Some(above) = parent[at] {
            moment[at] = moment[at].max(moment[above]);
        }
        open.extend(children[at].iter().rev());
    }
    order.sort_by_key(|at| moment[*at]);

    let mut active = vec![false; nodes.len()];
    let mut climb = |leaf: usize| {
        let mut next = Some(leaf);
        while let Some(at) = next.filter(|at| !active[*at]) {
            active[at] = true;
            next = parent[at];
        }
    };
    match current.and_then(|id| index.get(id)) {
        Some(leaf) if roots.len() < nodes.len() => climb(*leaf),
        _ => {
            for root in &roots {
                let mut leaf = *root;
                while let Some(last) = children[leaf].last() {
                    leaf = *last;
                }
                climb(leaf);
            }
        }
    }
    Reading { order, active, parent }
}

fn cut_circles(parent: &mut [Option<usize>]) {
    // 0: not seen; otherwise the number of the walk that saw it.
    let mut seen = vec![0; parent.len()];
    for start in 0..parent.len() {
        let walk = start + 1;
        let mut at = start;
        while seen[at] == 0 {
            seen[at] = walk;
            match parent[at] {
                Some(above) if seen[above] == walk => parent[above] = None,
                Some(above) => at = above,
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

    fn check(text: &str, current: Option<&str>, order: &str, active: &str) {
        let nodes = nodes(text);
        let reading = read(&nodes, current);
        let ids = |list: Vec<usize>| {
            list.iter().map(|i| nodes[*i].id.clone()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(ids(reading.order.clone()), order, "order of {text}");
        let shown = reading.order.into_iter().filter(|i| reading.active[*i]).collect();
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
            proptest::prop_assert_eq!(order, (0..nodes.len()).collect::<Vec<_>>());
            for (place, at) in reading.order.iter().enumerate() {
                if let Some(above) = reading.parent[*at] {
                    proptest::prop_assert!(reading.order[..place].contains(&above));
                }
            }
        }
    }
}
