//! Memory that may be refused: most code cannot go on without what it asks for, some can say what it wanted it for.

use std::cell::Cell;

thread_local! {
    static ASKING: Cell<bool> = const { Cell::new(false) };
}

/// Returns what `ask` does, which can go on if there is no memory for it.
pub fn ask<T>(ask: impl FnOnce() -> T) -> T {
    let before = ASKING.replace(true);
    let answer = ask();
    ASKING.set(before);
    answer
}

/// Returns whether this thread can go on without the memory that it wants.
pub fn is_asking() -> bool {
    ASKING.get()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_asks_is_known() {
        assert!(!is_asking());
        assert!(ask(|| ask(is_asking) && is_asking()));
        assert!(!is_asking());
    }
}
