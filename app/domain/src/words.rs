//! Words under which small enums are stored and sent.

/// A stored word that this version of the program does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a known {0}")]
pub struct UnknownWord(
    /// What it should have been, such as "role".
    pub &'static str,
);

/// Gives an enum its words: `as_str`, and `TryFrom<String>` for reading them back.
macro_rules! words {
    ($type:ty, $what:literal, $($variant:ident = $word:literal),+ $(,)?) => {
        impl $type {
            /// The word under which it is stored; also its JSON.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl TryFrom<String> for $type {
            type Error = $crate::words::UnknownWord;

            fn try_from(word: String) -> Result<Self, Self::Error> {
                match word.as_str() {
                    $($word => Ok(Self::$variant),)+
                    _ => Err($crate::words::UnknownWord($what)),
                }
            }
        }
    };
}

pub(super) use words;
