//! What the stepped clock knows: who sleeps until when, who holds a guard, and whether anybody is busy.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::task::Waker;
use std::thread::ThreadId;
use std::time::Duration;

use ordersync_types::Timestamp;

/// Who took a guard or sleeps. The future that `block_on` runs has no task id: its thread stands for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum TaskKey {
    Task(tokio::task::Id),
    Thread(ThreadId),
}

impl TaskKey {
    /// Who is calling.
    pub(super) fn current() -> Self {
        tokio::task::try_id().map_or_else(|| Self::Thread(std::thread::current().id()), Self::Task)
    }
}

impl fmt::Display for TaskKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Task(id) => write!(f, "task {id}"),
            Self::Thread(id) => write!(f, "{id:?}"),
        }
    }
}

/// One task's share. Everything has a number, and a later thing has a higher one.
#[derive(Debug, Default)]
struct Task {
    /// Guards held.
    guards: BTreeSet<u64>,
    /// Sleeps whose moment has come, by the number they were given then, and that the task has not noticed yet.
    due: BTreeSet<u64>,
    /// Sleeps that go on.
    asleep: BTreeSet<u64>,
}

impl Task {
    /// Whether something began after the youngest sleep that still goes on: a guard taken, or a sleep come due.
    ///
    /// What is older may belong to the sleeper itself, which holds its guards while it waits. What is younger
    /// cannot: a future that sleeps takes no guard.
    fn is_busy(&self) -> bool {
        self.guards.last().max(self.due.last()) > self.asleep.last()
    }

    fn is_empty(&self) -> bool {
        self.guards.is_empty() && self.due.is_empty() && self.asleep.is_empty()
    }
}

struct Sleeper {
    task: TaskKey,
    /// When its task began it: its own number, or a later one when it moved to another task.
    begun: u64,
    waker: Waker,
}

/// The state behind the clock's lock.
pub(super) struct World {
    now: Timestamp,
    end: Option<Timestamp>,
    numbers: u64,
    changes: u64,
    asleep: BTreeMap<(Timestamp, u64), Sleeper>,
    /// The sleep's number, its task, and the number given when it came due.
    due: HashMap<u64, (TaskKey, u64)>,
    guards: HashMap<u64, TaskKey>,
    tasks: HashMap<TaskKey, Task>,
    busy_tasks: usize,
}

impl World {
    pub(super) fn new(now: Timestamp, end: Option<Timestamp>) -> Self {
        Self {
            now,
            end,
            numbers: 0,
            changes: 0,
            asleep: BTreeMap::new(),
            due: HashMap::new(),
            guards: HashMap::new(),
            tasks: HashMap::new(),
            busy_tasks: 0,
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.now
    }

    /// A number that grows with each guard, each sleep begun, ended or given up, and each move of time.
    pub(super) fn changes(&self) -> u64 {
        self.changes
    }

    pub(super) fn busy_tasks(&self) -> usize {
        self.busy_tasks
    }

    pub(super) fn sleepers(&self) -> usize {
        self.asleep.len()
    }

    pub(super) fn next_wake(&self) -> Option<Timestamp> {
        self.asleep.first_key_value().map(|((wake, _), _)| *wake)
    }

    pub(super) fn at_end(&self) -> bool {
        self.end.is_some_and(|end| self.now >= end)
    }

    pub(super) fn set_end(&mut self, end: Option<Timestamp>) {
        self.end = end;
        self.changes += 1;
    }

    pub(super) fn take_guard(&mut self, task: TaskKey) -> u64 {
        let number = self.number();
        self.guards.insert(number, task);
        self.change(task, |task| task.guards.insert(number));
        number
    }

    pub(super) fn release_guard(&mut self, number: u64) {
        if let Some(task) = self.guards.remove(&number) {
            self.change(task, |task| task.guards.remove(&number));
        }
    }

    /// Begins the sleep at the first call, and says whether it is over.
    pub(super) fn poll_sleep(
        &mut self,
        sleep: &mut Option<u64>,
        wake: Timestamp,
        task: TaskKey,
        waker: &Waker,
    ) -> bool {
        let Some(number) = *sleep else {
            if wake <= self.now {
                return true;
            }
            let number = self.number();
            *sleep = Some(number);
            self.asleep.insert((wake, number), Sleeper { task, begun: number, waker: waker.clone() });
            self.change(task, |task| task.asleep.insert(number));
            return false;
        };
        if let Some(mut sleeper) = self.asleep.remove(&(wake, number)) {
            sleeper.waker.clone_from(waker);
            if sleeper.task != task {
                let (before, begun) = (sleeper.task, sleeper.begun);
                (sleeper.task, sleeper.begun) = (task, self.number());
                self.change(before, |before| before.asleep.remove(&begun));
                self.change(task, |task| task.asleep.insert(sleeper.begun));
            }
            self.asleep.insert((wake, number), sleeper);
            return false;
        }
        self.forget_sleep(number, wake);
        *sleep = None;
        true
    }

    /// The sleep is over, or its future was dropped.
    pub(super) fn forget_sleep(&mut self, number: u64, wake: Timestamp) {
        if let Some(sleeper) = self.asleep.remove(&(wake, number)) {
            self.change(sleeper.task, |task| task.asleep.remove(&sleeper.begun));
        }
        if let Some((task, due)) = self.due.remove(&number) {
            self.change(task, |task| task.due.remove(&due));
        }
    }

    /// Where time goes next: the earliest sleeper, but not past the end and not further than `longest` at once.
    /// `None`: nobody sleeps, or the end is reached.
    pub(super) fn next_stop(&self, longest: Option<Duration>) -> Option<Timestamp> {
        let wake = self.next_wake()?;
        let stop = self.end.map_or(wake, |end| end.min(wake));
        let step = longest.and_then(|longest| chrono::TimeDelta::from_std(longest).ok());
        let farthest = step.and_then(|step| self.now.checked_add_signed(step));
        let stop = farthest.map_or(stop, |farthest| farthest.min(stop));
        (stop > self.now).then_some(stop)
    }

    /// Moves time on to `to` and hands out the wakers of those whose moment has come, the earliest first.
    pub(super) fn move_to(&mut self, to: Timestamp) -> Vec<Waker> {
        self.now = to;
        self.changes += 1;
        let mut wakers = Vec::new();
        while let Some(first) = self.asleep.first_entry().filter(|first| first.key().0 <= to) {
            let ((_, number), Sleeper { task, begun, waker }) = first.remove_entry();
            let due = self.number();
            self.due.insert(number, (task, due));
            self.change(task, |task| task.asleep.remove(&begun) && task.due.insert(due));
            wakers.push(waker);
        }
        wakers
    }

    fn number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers
    }

    /// Changes a task's share and keeps the count of busy tasks.
    fn change(&mut self, key: TaskKey, what: impl FnOnce(&mut Task) -> bool) {
        self.changes += 1;
        let task = self.tasks.entry(key).or_default();
        let before = task.is_busy();
        let changed = what(task);
        debug_assert!(changed, "{key}: nothing to change");
        match (before, task.is_busy()) {
            (false, true) => self.busy_tasks += 1,
            (true, false) => self.busy_tasks -= 1,
            (true, true) | (false, false) => {}
        }
        if task.is_empty() {
            self.tasks.remove(&key);
        }
    }
}

impl fmt::Debug for World {
    /// Says who is busy, so that a run that stands still explains itself.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let busy = self.tasks.iter().filter(|(_, task)| task.is_busy());
        let busy: Vec<String> = busy
            .map(|(key, task)| {
                let (guards, due, asleep) = (task.guards.len(), task.due.len(), task.asleep.len());
                format!("{key}: {guards} guards, {due} sleeps due, {asleep} asleep")
            })
            .collect();
        f.debug_struct("SteppedClock")
            .field("now", &self.now)
            .field("end", &self.end)
            .field("sleepers", &self.asleep.len())
            .field("next_wake", &self.next_wake())
            .field("busy", &busy)
            .finish()
    }
}
