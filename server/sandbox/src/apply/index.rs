//! The paths that git tracks, from the file `index` of its folder (versions 2, 3 and 4, SHA-1 and SHA-256).
//!
//! Git itself is not asked: it would follow the configuration of the workspace, which may run programs.
//! Format: git's Documentation/gitformat-index.

/// Stat data of an entry, before its object's name.
const STAT_BYTES: usize = 40;
const EXTENDED: u16 = 0x4000;

/// What an index says.
pub(super) struct Index {
    paths: Vec<Vec<u8>>,
    shared: Option<String>,
}

impl Index {
    /// Reads it; nothing where it is none.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        // Which hash the repository has stands in its configuration only; the other one does not fit.
        [20, 32].into_iter().find_map(|hash| parse(bytes, hash))
    }

    /// Whether a path of the repository is tracked.
    pub fn has(&self, path: &str) -> bool {
        self.paths.iter().any(|tracked| tracked == path.as_bytes())
    }

    /// The name of the index that this one is only a change of.
    pub fn shared(&self) -> Option<&str> {
        self.shared.as_deref()
    }
}

fn parse(bytes: &[u8], hash: usize) -> Option<Index> {
    let number = |at: usize| Some(u32::from_be_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?));
    let version = number(4).filter(|version| bytes.starts_with(b"DIRC") && (2..=4).contains(version))?;
    let end = bytes.len().checked_sub(hash)?;
    let (mut at, mut paths, mut before) = (12, Vec::new(), Vec::<u8>::new());
    for _ in 0..number(8)? {
        let begin = at;
        let flags = u16::from_be_bytes(bytes.get(at + STAT_BYTES + hash..at + STAT_BYTES + hash + 2)?.try_into().ok()?);
        at += STAT_BYTES + hash + if flags & EXTENDED == 0 { 2 } else { 4 };
        let path = match version {
            4 => {
                let kept = before.len().checked_sub(varint(bytes, &mut at)?)?;
                [&before[..kept], until_nul(bytes.get(at..end)?)?].concat()
            }
            _ => until_nul(bytes.get(at..end)?)?.to_vec(),
        };
        at = match version {
            4 => at + until_nul(&bytes[at..end])?.len() + 1,
            // Filled up with NULs, at least one, to a multiple of eight.
            _ => begin + (at - begin + path.len()) / 8 * 8 + 8,
        };
        if usize::from(flags & 0xfff) != path.len().min(0xfff) {
            return None;
        }
        // Entries without a path change one of the shared index.
        if !path.is_empty() {
            paths.push(path.clone());
        }
        before = path;
    }
    let mut shared = None;
    while at < end {
        let (name, size) = (bytes.get(at..at + 4)?, usize::try_from(number(at + 4)?).ok()?);
        let body = bytes.get(at + 8..(at + 8).checked_add(size)?)?;
        if name == b"link" {
            shared = body.get(..hash).map(|id| id.iter().map(|byte| format!("{byte:02x}")).collect());
        }
        at += 8 + size;
    }
    (at == end).then_some(Index { paths, shared })
}

fn until_nul(bytes: &[u8]) -> Option<&[u8]> {
    Some(&bytes[..bytes.iter().position(|byte| *byte == 0)?])
}

/// Git's variable-width number: seven bits a byte, the next ones one more than they say.
fn varint(bytes: &[u8], at: &mut usize) -> Option<usize> {
    let mut value = 0_usize;
    loop {
        let byte = *bytes.get(*at)?;
        *at += 1;
        value = value.checked_mul(128)?.checked_add(usize::from(byte & 0x7f))?;
        if byte & 0x80 == 0 {
            return Some(value);
        }
        value = value.checked_add(1)?;
    }
}
