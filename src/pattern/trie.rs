//! The prefix trie of subscriptions: which topics are a prefix of this message?
//!
//! Runs of octets without a branch share a node, and nodes live in one vector, so that neither a long
//! topic nor a hostile one costs recursion.

type Index = u32;

const ROOT: Index = 0;

struct Node {
    /// The octets between the parent's topic and this one.
    run: Box<[u8]>,
    parent: Index,
    /// Whether it is a topic, and not just where topics part.
    is_topic: bool,
    /// Sorted by the first octet of their runs, all different.
    children: Vec<Index>,
}

/// A map from topics to values that can list the values of all prefixes of a text.
pub(crate) struct Trie<V> {
    shape: Shape,
    /// By the numbers of the topics' nodes.
    values: Vec<Option<V>>,
}

/// The topics alone, of which there is one compiled copy for all kinds of values.
struct Shape {
    nodes: Vec<Node>,
    free: Vec<Index>,
    longest: usize,
    len: usize,
}

impl<V> Trie<V> {
    pub(crate) fn new() -> Self {
        Self { shape: Shape::new(), values: Vec::new() }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.shape.len == 0
    }

    /// The value of exactly this topic.
    pub(crate) fn get_mut(&mut self, topic: &[u8]) -> Option<&mut V> {
        let node = self.shape.find(topic)?;
        self.values.get_mut(node as usize)?.as_mut()
    }

    /// The value of exactly this topic, made by `make` if there is none.
    pub(crate) fn get_or_insert_with(&mut self, topic: &[u8], make: impl FnOnce() -> V) -> &mut V {
        let node = self.shape.insert(topic) as usize;
        if node >= self.values.len() {
            self.values.resize_with(node + 1, || None);
        }
        self.values[node].get_or_insert_with(make)
    }

    pub(crate) fn remove(&mut self, topic: &[u8]) -> Option<V> {
        let node = self.shape.find(topic)?;
        let value = self.values.get_mut(node as usize)?.take()?;
        self.shape.remove(node);
        Some(value)
    }

    /// How many octets of a text must be read to match it: with `whole`, enough to see that it is longer than
    /// any topic.
    pub(crate) fn octets_to_match(&self, whole: bool) -> usize {
        self.shape.longest + usize::from(whole)
    }

    /// Calls `visit` with the value of each topic that matches `text`: with `whole`, of the one that equals it,
    /// else of all that are a prefix of it, the shortest first.
    pub(crate) fn for_each_match<'a>(&'a self, mut text: &[u8], whole: bool, mut visit: impl FnMut(&'a V)) {
        let mut index = ROOT;
        loop {
            if let Some(Some(value)) = self.values.get(index as usize)
                && (!whole || text.is_empty())
            {
                visit(value);
            }
            let Some((child, rest)) = self.shape.step(index, text) else { return };
            (index, text) = (child, rest);
        }
    }

    /// Whether any topic matches `text`, as a [whole](Self::for_each_match) or as a prefix.
    pub(crate) fn has_match(&self, text: &[u8], whole: bool) -> bool {
        let mut found = false;
        self.for_each_match(text, whole, |_| found = true);
        found
    }

    /// Every topic.
    pub(crate) fn topics(&self) -> Vec<Vec<u8>> {
        self.topics_where(|_| true)
    }

    /// Every topic whose value passes.
    pub(crate) fn topics_where(&self, passes: impl Fn(&V) -> bool) -> Vec<Vec<u8>> {
        let has_value = |value: &Option<V>| value.as_ref().is_some_and(&passes);
        self.shape.topics_where(&|node| self.values.get(node as usize).is_some_and(has_value))
    }
}

impl Shape {
    fn new() -> Self {
        let root = Node { run: Box::default(), parent: ROOT, is_topic: false, children: Vec::new() };
        Self { nodes: vec![root], free: Vec::new(), longest: 0, len: 0 }
    }

    /// The node of a topic, old or new.
    fn insert(&mut self, topic: &[u8]) -> Index {
        let index = self.make_node(topic);
        if !core::mem::replace(&mut self.node_mut(index).is_topic, true) {
            self.len += 1;
            self.longest = self.longest.max(topic.len());
        }
        index
    }

    fn remove(&mut self, index: Index) {
        self.node_mut(index).is_topic = false;
        self.len -= 1;
        self.prune(index);
        if self.len == 0 {
            self.longest = 0;
        }
    }

    /// Every topic whose node passes.
    fn topics_where(&self, passes: &dyn Fn(Index) -> bool) -> Vec<Vec<u8>> {
        let mut topics = Vec::new();
        let mut open = vec![(ROOT, Vec::new())];
        while let Some((index, topic)) = open.pop() {
            for &child in self.node(index).children.iter().rev() {
                open.push((child, [&topic, &*self.node(child).run].concat()));
            }
            if passes(index) {
                topics.push(topic);
            }
        }
        topics
    }

    /// The child that `text` goes on to, and what is left of the text there.
    fn step<'t>(&self, index: Index, text: &'t [u8]) -> Option<(Index, &'t [u8])> {
        let node = self.node(index);
        let child = node.children[self.place(node, *text.first()?).ok()?];
        Some((child, text.strip_prefix(&*self.node(child).run)?))
    }

    fn node(&self, index: Index) -> &Node {
        &self.nodes[index as usize]
    }

    fn node_mut(&mut self, index: Index) -> &mut Node {
        &mut self.nodes[index as usize]
    }

    /// Where among the children the one that begins with `octet` is, or would be.
    fn place(&self, node: &Node, octet: u8) -> Result<usize, usize> {
        node.children.binary_search_by_key(&octet, |&child| self.node(child).run[0])
    }

    fn find(&self, mut topic: &[u8]) -> Option<Index> {
        let mut index = ROOT;
        while !topic.is_empty() {
            (index, topic) = self.step(index, topic)?;
        }
        Some(index)
    }

    /// Finds the node of a topic, making it, and a branch where it leaves a run, if needed.
    fn make_node(&mut self, mut topic: &[u8]) -> Index {
        let mut index = ROOT;
        while let Some(&first) = topic.first() {
            let at = match self.place(self.node(index), first) {
                Ok(at) => at,
                Err(at) => return self.add_child(index, at, topic),
            };
            let child = self.node(index).children[at];
            let run = &self.node(child).run;
            let common = run.iter().zip(topic).take_while(|(a, b)| a == b).count();
            index = if common == run.len() { child } else { self.split(index, at, child, common) };
            topic = &topic[common..];
        }
        index
    }

    fn add_child(&mut self, parent: Index, at: usize, run: &[u8]) -> Index {
        let node = Node { run: run.into(), parent, is_topic: false, children: Vec::new() };
        let index = self.store(node);
        self.node_mut(parent).children.insert(at, index);
        index
    }

    /// Puts a node between `parent` and its child, `common` octets into the child's run.
    fn split(&mut self, parent: Index, at: usize, child: Index, common: usize) -> Index {
        let (above, below) = self.node(child).run.split_at(common);
        let (above, below) = (above.into(), below.into());
        let middle = self.store(Node { run: above, parent, is_topic: false, children: vec![child] });
        self.node_mut(parent).children[at] = middle;
        let child = self.node_mut(child);
        child.run = below;
        child.parent = middle;
        middle
    }

    fn store(&mut self, node: Node) -> Index {
        if let Some(index) = self.free.pop() {
            self.nodes[index as usize] = node;
            return index;
        }
        self.nodes.push(node);
        (self.nodes.len() - 1) as Index
    }

    /// Takes away what an emptied node leaves without a purpose: itself, or the bend in a run.
    fn prune(&mut self, mut index: Index) {
        while index != ROOT && !self.node(index).is_topic {
            let parent = self.node(index).parent;
            let at = self
                .place(self.node(parent), self.node(index).run[0])
                .expect("a node is among its parent's children");
            match self.node(index).children[..] {
                [] => {
                    self.node_mut(parent).children.remove(at);
                    self.free.push(index);
                    index = parent;
                }
                [only] => {
                    let run = [&*self.node(index).run, &*self.node(only).run].concat();
                    let child = self.node_mut(only);
                    // What is to shrink first brings more code.
                    child.run = run[..].into();
                    child.parent = parent;
                    self.node_mut(parent).children[at] = only;
                    self.free.push(index);
                    return;
                }
                _ => return,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Whatever is added and removed, the trie says what a plain map with a linear search says.
        #[test]
        fn it_agrees_with_a_plain_map(
            steps in prop::collection::vec((any::<bool>(), "[ab]{0,6}"), 0..80),
            texts in prop::collection::vec("[abc]{0,8}", 1..20),
        ) {
            let (mut trie, mut map) = (Trie::new(), BTreeMap::new());
            for (add, topic) in steps {
                let topic = topic.into_bytes();
                if add {
                    *trie.get_or_insert_with(&topic, || 0) += 1;
                    *map.entry(topic).or_insert(0) += 1;
                } else {
                    prop_assert_eq!(trie.remove(&topic), map.remove(&topic));
                }
            }
            prop_assert_eq!(trie.is_empty(), map.is_empty());
            prop_assert_eq!(trie.topics(), map.keys().cloned().collect::<Vec<_>>());
            prop_assert!(map.keys().all(|topic| topic.len() <= trie.octets_to_match(false)));
            for text in texts {
                let text = text.into_bytes();
                let mut found = Vec::new();
                trie.for_each_match(&text, false, |value| found.push(*value));
                let expected: Vec<_> =
                    map.iter().filter(|(topic, _)| text.starts_with(topic)).map(|(_, value)| *value).collect();
                prop_assert_eq!(trie.has_match(&text, false), !expected.is_empty());
                prop_assert_eq!(trie.has_match(&text, true), map.contains_key(&text));
                prop_assert_eq!(found, expected);
            }
        }
    }

    #[test]
    fn removing_everything_leaves_only_the_root() {
        let mut trie = Trie::new();
        let topics: [&[u8]; 5] = [b"", b"weather", b"weather.oslo", b"wind", b"w"];
        for topic in topics {
            trie.get_or_insert_with(topic, || ());
        }
        for topic in topics {
            assert_eq!(trie.remove(topic), Some(()));
        }
        assert_eq!(trie.shape.nodes.len() - trie.shape.free.len(), 1);
        assert_eq!(trie.octets_to_match(false), 0);
    }
}
