//! Work on many pieces by a few threads, results taken in the order of the pieces.
//!
//! So that a load uses the machine, and yet what it writes does not depend on which thread was faster. Stands on the ground because files
//! are parsed with it as buckets are posted.

use crate::error::{Error, Result};
use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// More threads than this would only wait for the one that writes.
const MOST: usize = 8;

/// How many threads work at once.
pub fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, |n| n.get().min(MOST))
}

struct State<R> {
    /// Things drawn.
    drawn: usize,
    /// Whether there are no more.
    ended: bool,
    taken: usize,
    done: BTreeMap<usize, Result<R>>,
    working: usize,
    stopped: bool,
}

struct Queue<R> {
    state: Mutex<State<R>>,
    changed: Condvar,
}

impl<R> Queue<R> {
    fn lock(&self) -> MutexGuard<'_, State<R>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
    fn wait<'q>(&self, guard: MutexGuard<'q, State<R>>) -> MutexGuard<'q, State<R>> {
        self.changed.wait(guard).unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tells the queue that a worker is gone; one that did not come to its end stops the others.
struct Leaving<'q, R> {
    queue: &'q Queue<R>,
    ended: bool,
}

impl<R> Drop for Leaving<'_, R> {
    fn drop(&mut self) {
        let mut state = self.queue.lock();
        state.working -= 1;
        state.stopped |= !self.ended;
        drop(state);
        self.queue.changed.notify_all();
    }
}

/// [`each_in_order`] over `0..count`.
pub fn in_order<W, R: Send>(
    count: usize,
    begin: impl Fn() -> Result<W> + Sync,
    work: impl Fn(&mut W, usize) -> Result<R> + Sync,
    end: impl Fn(W) -> Result<()> + Sync,
    take: impl FnMut(usize, R) -> Result<()>,
) -> Result<()> {
    each_in_order((0..count).map(Ok), begin, work, end, take)
}

/// Runs `work` over things that the threads draw in turn: each thread makes itself a tool with `begin`, gives it to `end` after the last piece
/// of work; `take` gets the results in order, on the calling thread. At most a few results wait, so memory stays bounded. The first error in
/// order ends it.
pub fn each_in_order<T, W, R: Send>(
    things: impl Iterator<Item = Result<T>> + Send,
    begin: impl Fn() -> Result<W> + Sync,
    work: impl Fn(&mut W, T) -> Result<R> + Sync,
    end: impl Fn(W) -> Result<()> + Sync,
    mut take: impl FnMut(usize, R) -> Result<()>,
) -> Result<()> {
    let workers = threads().min(things.size_hint().1.unwrap_or(usize::MAX));
    let ahead = 2 * workers;
    let things = Mutex::new(things);
    let queue: Queue<R> = Queue {
        state: Mutex::new(State { drawn: 0, ended: workers == 0, taken: 0, done: BTreeMap::new(), working: workers, stopped: false }),
        changed: Condvar::new(),
    };
    // The next thing and its number; nothing more once there is none, or an error ended the work.
    let draw = || -> Option<(usize, Result<T>)> {
        let mut state = queue.lock();
        while !state.stopped && !state.ended && state.drawn >= state.taken + ahead {
            state = queue.wait(state);
        }
        drop(state);
        // Held until the number is given: numbers go by the order of drawing.
        let mut things = things.lock().unwrap_or_else(PoisonError::into_inner);
        let state = queue.lock();
        if state.stopped || state.ended {
            return None;
        }
        drop(state);
        let thing = things.next();
        let mut state = queue.lock();
        let n = state.drawn;
        match &thing {
            Some(_) => state.drawn += 1,
            None => state.ended = true,
        }
        drop(state);
        queue.changed.notify_all();
        thing.map(|thing| (n, thing))
    };
    let run = || -> Result<()> {
        let mut leaving = Leaving { queue: &queue, ended: false };
        let mut tool = begin()?;
        while let Some((n, thing)) = draw() {
            let result = thing.and_then(|thing| work(&mut tool, thing));
            queue.lock().done.insert(n, result);
            queue.changed.notify_all();
        }
        end(tool)?;
        leaving.ended = true;
        Ok(())
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..workers).map(|_| scope.spawn(run)).collect();
        let mut outcome = Ok(());
        for n in 0.. {
            let mut state = queue.lock();
            let is_over = |state: &State<R>| state.stopped || state.working == 0 || (state.ended && n >= state.drawn);
            while !is_over(&state) && !state.done.contains_key(&n) {
                state = queue.wait(state);
            }
            let result = state.done.remove(&n);
            drop(state);
            // No result: all are taken; or nobody is left to give one, and a thread says why below.
            let Some(result) = result else { break };
            outcome = result.and_then(|r| take(n, r));
            queue.lock().taken = n + 1;
            queue.changed.notify_all();
            if outcome.is_err() {
                break;
            }
        }
        queue.lock().stopped = true;
        queue.changed.notify_all();
        for thread in threads {
            let left = thread.join().unwrap_or_else(|_| Err(Error::internal("a thread panicked")));
            outcome = outcome.and(left);
        }
        outcome
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn results_come_in_order_and_every_tool_is_closed() {
        let (begun, ended) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let mut seen = Vec::new();
        in_order(
            500,
            || Ok(begun.fetch_add(1, Ordering::SeqCst)),
            |_, n| {
                if n % 7 == 0 {
                    std::thread::yield_now();
                }
                Ok(n * n)
            },
            |_| {
                ended.fetch_add(1, Ordering::SeqCst);
                Ok(())
            },
            |n, r| {
                seen.push((n, r));
                Ok(())
            },
        )
        .unwrap();
        assert_eq!(seen, (0..500).map(|n| (n, n * n)).collect::<Vec<_>>());
        assert_eq!(begun.load(Ordering::SeqCst), ended.load(Ordering::SeqCst));
    }

    #[test]
    fn things_are_drawn_once_each_and_an_error_among_them_ends_it() {
        let mut seen = Vec::new();
        let words = (0..300).map(|n| if n == 250 { Err(Error::data("torn")) } else { Ok(n.to_string()) });
        let failed = each_in_order(
            words,
            || Ok(()),
            |(), word| Ok(word.len()),
            |()| Ok(()),
            |n, length| {
                seen.push((n, length));
                Ok(())
            },
        );
        assert!(failed.unwrap_err().to_string().contains("torn"));
        assert_eq!(seen, (0..250).map(|n: usize| (n, n.to_string().len())).collect::<Vec<_>>());
        let endless = std::iter::from_fn(|| Some(Ok(1usize)));
        let failed =
            each_in_order(endless, || Ok(()), |(), n| Ok(n), |()| Ok(()), |n, _| if n == 99 { Err(Error::data("full")) } else { Ok(()) });
        assert!(failed.unwrap_err().to_string().contains("full"));
    }

    #[test]
    fn the_first_error_in_order_is_told_and_nothing_hangs() {
        let mut taken = 0;
        let failed = in_order(
            100,
            || Ok(()),
            |(), n| if n >= 40 { Err(Error::data(format!("piece {n}"))) } else { Ok(n) },
            |()| Ok(()),
            |_, _| {
                taken += 1;
                Ok(())
            },
        );
        assert_eq!((taken, failed.unwrap_err().to_string().contains("piece 40")), (40, true));
        let failed = in_order(100, || Err::<(), _>(Error::data("no tool")), |(), n| Ok(n), |()| Ok(()), |_, _| Ok(()));
        assert!(failed.unwrap_err().to_string().contains("no tool"));
        let failed = in_order(100, || Ok(()), |(), n| Ok(n), |()| Err(Error::data("cannot close")), |_, _| Ok(()));
        assert!(failed.unwrap_err().to_string().contains("cannot close"));
        let failed = in_order(100, || Ok(()), |(), n| Ok(n), |()| Ok(()), |n, _| if n == 3 { Err(Error::data("full")) } else { Ok(()) });
        assert!(failed.unwrap_err().to_string().contains("full"));
        let work = |(): &mut (), n| if n == 7 { panic!("planted") } else { Ok(n) };
        let failed = in_order(100, || Ok(()), work, |()| Ok(()), |_, _| Ok(()));
        assert!(failed.unwrap_err().is_internal());
        in_order(0, || Ok(()), |(), n| Ok(n), |()| Ok(()), |_, _| Ok(())).unwrap();
    }
}
