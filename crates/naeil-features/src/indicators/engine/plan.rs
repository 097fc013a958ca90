//! In which order the series of a graph are computed, and where they are kept.

use super::formula::Formula;
use super::graph::{Graph, N_INPUTS, Node, Step};

/// A column of the result: a series, and how many of its leading sessions are void.
#[derive(Debug, Clone, Copy)]
pub(in crate::indicators) struct Output {
    pub(in crate::indicators) node: Node,
    pub(in crate::indicators) warm_up: usize,
}

/// Where a step's values go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// One of the bars' series.
    Input(usize),
    /// Working memory, used again once nobody reads the series any more.
    Slot(usize),
    /// Straight into a column that no other step reads.
    Column(usize),
}

/// Steps in an order in which each finds its taps computed.
#[derive(Debug)]
pub(in crate::indicators) struct Plan {
    steps: Vec<Step>,
    groups: Vec<Vec<Node>>,
    places: Vec<Place>,
    n_slots: usize,
    outputs: Vec<Output>,
}

impl Plan {
    /// Plans `outputs` of `graph`; what they do not need is not computed.
    pub(in crate::indicators) fn new(graph: Graph, outputs: Vec<Output>) -> Self {
        let steps = graph.into_steps();
        let is_needed = needed(&steps, &outputs);
        let groups = groups(&steps, &is_needed);
        let (places, n_slots) = places(&steps, &groups, &outputs);
        Self {
            steps,
            groups,
            places,
            n_slots,
            outputs,
        }
    }

    pub(in crate::indicators) fn outputs(&self) -> &[Output] {
        &self.outputs
    }

    pub(in crate::indicators) fn step(&self, node: Node) -> &Step {
        &self.steps[node.index()]
    }

    /// Number of series, computed or not.
    pub(in crate::indicators) fn n_nodes(&self) -> usize {
        self.steps.len()
    }

    /// Series that can be computed together, in order: averages in banks, everything else alone.
    pub(in crate::indicators) fn groups(&self) -> &[Vec<Node>] {
        &self.groups
    }

    pub(super) fn place(&self, node: Node) -> Place {
        self.places[node.index()]
    }

    pub(super) fn n_slots(&self) -> usize {
        self.n_slots
    }
}

fn needed(steps: &[Step], outputs: &[Output]) -> Vec<bool> {
    let mut is_needed = vec![false; steps.len()];
    for output in outputs {
        is_needed[output.node.index()] = true;
    }
    for idx in (0..steps.len()).rev() {
        if is_needed[idx] {
            for tap in steps[idx].taps() {
                is_needed[tap.node.index()] = true;
            }
        }
    }
    is_needed
}

/// A step belongs to the stage after that of the last average it reads; a stage's averages depend
/// on none of each other and make one bank.
fn groups(steps: &[Step], is_needed: &[bool]) -> Vec<Vec<Node>> {
    let is_average = |node: Node| matches!(steps[node.index()].formula, Formula::Ema { .. });
    let mut stages = vec![0; steps.len()];
    let mut by_stage: Vec<(Vec<Node>, Vec<Node>)> = Vec::new();
    for idx in N_INPUTS..steps.len() {
        let after = |node: Node| stages[node.index()] + usize::from(is_average(node));
        let stage = steps[idx].taps().iter().map(|tap| after(tap.node)).max();
        stages[idx] = stage.unwrap_or(0);
        if !is_needed[idx] {
            continue;
        }
        by_stage.resize_with(by_stage.len().max(stages[idx] + 1), Default::default);
        let (alone, bank) = &mut by_stage[stages[idx]];
        let node = Node(idx as u16);
        if is_average(node) { bank } else { alone }.push(node);
    }
    by_stage
        .into_iter()
        .flat_map(|(alone, bank)| alone.into_iter().map(|node| vec![node]).chain([bank]))
        .filter(|group| !group.is_empty())
        .collect()
}

fn places(steps: &[Step], groups: &[Vec<Node>], outputs: &[Output]) -> (Vec<Place>, usize) {
    let mut last_use = vec![None; steps.len()];
    for (at, group) in groups.iter().enumerate() {
        for tap in group.iter().flat_map(|node| steps[node.index()].taps()) {
            last_use[tap.node.index()] = Some(at);
        }
    }
    let own_column = |node: Node| {
        let mut columns = (0..outputs.len()).filter(|&column| outputs[column].node == node);
        let column = columns.next()?;
        let is_read = last_use[node.index()].is_some();
        (!is_read && columns.next().is_none()).then_some(column)
    };
    let mut places: Vec<Place> = (0..steps.len()).map(Place::Input).collect();
    let (mut free, mut n_slots) = (Vec::new(), 0);
    for (at, group) in groups.iter().enumerate() {
        for &node in group {
            places[node.index()] = match own_column(node) {
                Some(column) => Place::Column(column),
                None => Place::Slot(free.pop().unwrap_or_else(|| {
                    n_slots += 1;
                    n_slots - 1
                })),
            };
        }
        // A column that is also read is copied right after its step, so its slot frees like others.
        let mut freed: Vec<usize> = group
            .iter()
            .flat_map(|node| steps[node.index()].taps())
            .filter(|tap| last_use[tap.node.index()] == Some(at))
            .filter_map(|tap| match places[tap.node.index()] {
                Place::Slot(slot) => Some(slot),
                Place::Input(_) | Place::Column(_) => None,
            })
            .collect();
        let unread = group.iter().filter(|node| last_use[node.index()].is_none());
        freed.extend(unread.filter_map(|node| match places[node.index()] {
            Place::Slot(slot) => Some(slot),
            Place::Input(_) | Place::Column(_) => None,
        }));
        freed.sort_unstable();
        freed.dedup();
        free.extend(freed);
    }
    (places, n_slots)
}
