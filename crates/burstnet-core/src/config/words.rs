//! Words that keys hold: enums whose variants have one name each, which schema, reader and messages share.

/// A word that is none of those that were expected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{word:?}, expected {}", known.join(" or "))]
pub struct UnknownWord {
    /// The word.
    pub word: String,
    /// The words that were expected.
    pub known: &'static [&'static str],
}

/// Declares an enum each of whose variants is a word:
///
/// ```
/// burstnet_core::words! {
///     /// The end of a scale.
///     pub enum End {
///         /// The lower one.
///         Low = "low",
///         /// The upper one.
///         High = "high",
///     }
/// }
///
/// assert_eq!("high".parse(), Ok(End::High));
/// assert_eq!((End::Low.word(), End::WORDS), ("low", &["low", "high"][..]));
/// assert_eq!("middle".parse::<End>().unwrap_err().to_string(), "\"middle\", expected low or high");
/// ```
#[macro_export]
macro_rules! words {
    (
        $(#[$about:meta])*
        $visible:vis enum $name:ident {
            $($(#[$about_variant:meta])* $variant:ident = $word:literal),+ $(,)?
        }
    ) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        $visible enum $name {
            $($(#[$about_variant])* $variant),+
        }

        impl $name {
            /// All words.
            pub const WORDS: &'static [&'static str] = &[$($word),+];

            /// Returns the word.
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),+
                }
            }
        }

        impl From<$name> for $crate::config::Value {
            fn from(word: $name) -> Self {
                word.word().into()
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::config::UnknownWord;

            fn from_str(word: &str) -> Result<Self, Self::Err> {
                match word {
                    $($word => Ok(Self::$variant),)+
                    _unknown => Err($crate::config::UnknownWord { word: word.to_owned(), known: Self::WORDS }),
                }
            }
        }
    };
}
