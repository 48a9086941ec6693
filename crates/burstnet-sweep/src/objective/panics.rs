//! Panics that are caught and become messages.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

thread_local! {
    /// True if a panic of this thread becomes a message.
    static CAUGHT: Cell<bool> = const { Cell::new(false) };
}

/// Runs `act`, and turns a panic into its message.
///
/// # Errors
/// If it panics.
pub fn catch<T>(act: impl FnOnce() -> T) -> Result<T, String> {
    let before = CAUGHT.replace(true);
    let outcome = catch_unwind(AssertUnwindSafe(act));
    CAUGHT.set(before);
    outcome.map_err(|panic| {
        let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
        text.unwrap_or_else(|| "without a message".into())
    })
}

/// Suppresses the output of panics that [`catch`] turns into messages, from now on.
///
/// The panic hook belongs to the whole process. So a program may call this at its start, but a library never may.
pub fn print_only_uncaught() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if !CAUGHT.get() {
                usual(info);
            }
        }));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panics_become_messages() {
        assert_eq!(catch(|| 7), Ok(7));
        assert_eq!(catch(|| panic!("a {}", "text")), Err::<(), _>("a text".to_owned()));
        assert_eq!(catch(|| panic!("static")), Err::<(), _>("static".to_owned()));
        assert_eq!(catch(|| std::panic::panic_any(7)), Err::<(), _>("without a message".to_owned()));
        let inner = catch(|| {
            let caught = catch(|| panic!("inside")) == Err::<(), _>("inside".to_owned());
            (caught, CAUGHT.get())
        });
        assert_eq!((inner, CAUGHT.get()), (Ok((true, true)), false), "one within another ends only itself");
    }
}
