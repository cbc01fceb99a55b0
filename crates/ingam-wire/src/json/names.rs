//! The member names of the objects that are open, to find one that comes twice.

use core::{cmp::Ordering, str::Chars};

use super::JsonError;
use crate::limits::{JSON_NAMES_COMPARED, JSON_NAMES_ON_STACK};

/// A member name as it stands between its quotes.
#[derive(Clone, Copy)]
pub(super) struct Name<'t> {
    /// Length and first bytes, so that most names differ in one comparison; `ESCAPED` says that `raw` must be decoded to be compared.
    tag: u64,
    raw: &'t [u8],
}

const ESCAPED: u64 = 0;

impl<'t> Name<'t> {
    /// `raw` has no escapes; `onward` is the text from the start of `raw` on.
    pub(super) fn plain(raw: &'t [u8], onward: &[u8]) -> Self {
        let first = match onward.first_chunk::<8>() {
            Some(first) => u64::from_le_bytes(*first),
            None => raw.iter().rev().fold(0, |first, byte| (first << 8) | u64::from(*byte)),
        };
        let length = u32::try_from(raw.len()).unwrap_or(u32::MAX);
        let kept = if length >= 8 { u64::MAX } else { (1 << (8 * length)) - 1 };
        Self { tag: ((first & kept) ^ (u64::from(length) << 48)) | 1, raw }
    }

    /// `raw` has escapes.
    pub(super) const fn escaped(raw: &'t [u8]) -> Self {
        Self { tag: ESCAPED, raw }
    }

    const fn is_escaped(&self) -> bool {
        self.tag == ESCAPED
    }

    fn same(&self, other: &Self) -> bool {
        if self.is_escaped() || other.is_escaped() {
            self.decoded().eq(other.decoded())
        } else {
            self.tag == other.tag && self.raw == other.raw
        }
    }

    /// By code points, which is also the order of UTF-8 bytes.
    fn order(&self, other: &Self) -> Ordering {
        if self.is_escaped() || other.is_escaped() {
            self.decoded().cmp(other.decoded())
        } else {
            self.raw.cmp(other.raw)
        }
    }

    fn decoded(&self) -> Decoded<'t> {
        Decoded { left: core::str::from_utf8(self.raw).unwrap_or_default().chars() }
    }
}

/// The characters a scanned string stands for.
struct Decoded<'t> {
    left: Chars<'t>,
}

impl Decoded<'_> {
    fn unit(&mut self) -> Option<u32> {
        (0..4).try_fold(0, |unit, _| Some(unit * 16 + self.left.next()?.to_digit(16)?))
    }
}

impl Iterator for Decoded<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        let character = self.left.next()?;
        if character != '\\' {
            return Some(u32::from(character));
        }
        Some(match self.left.next()? {
            'b' => 8,
            't' => 9,
            'n' => 10,
            'f' => 12,
            'r' => 13,
            'u' => match self.unit()? {
                high @ 0xd800..0xdc00 => {
                    self.left.next().filter(|c| *c == '\\')?;
                    self.left.next().filter(|c| *c == 'u')?;
                    0x1_0000 + (((high & 0x3ff) << 10) | (self.unit()? & 0x3ff))
                }
                unit => unit,
            },
            itself => u32::from(itself),
        })
    }
}

/// The names of all open objects, the innermost last; each object's follow a mark that holds where the outer one's begin.
pub(super) struct Names<'t> {
    on_stack: [Name<'t>; JSON_NAMES_ON_STACK],
    on_stack_count: usize,
    /// All of them, once they are more than the stack holds.
    on_heap: Vec<Name<'t>>,
    /// Where the innermost object's names begin.
    base: usize,
}

impl<'t> Names<'t> {
    pub(super) const fn new() -> Self {
        Self { on_stack: [Name::escaped(&[]); JSON_NAMES_ON_STACK], on_stack_count: 0, on_heap: Vec::new(), base: 0 }
    }

    /// An object opens.
    pub(super) fn open(&mut self) {
        self.push(Name { tag: u64::try_from(self.base).unwrap_or(u64::MAX), raw: &[] });
        self.base = self.all().len();
    }

    /// A member of the innermost object.
    pub(super) fn insert(&mut self, name: Name<'t>) -> Result<(), JsonError> {
        let before = self.all().get(self.base..).unwrap_or_default();
        if before.len() <= JSON_NAMES_COMPARED && before.iter().any(|one| one.same(&name)) {
            return Err(JsonError::DuplicateMember);
        }
        self.push(name);
        Ok(())
    }

    /// The innermost object closes.
    pub(super) fn close(&mut self) -> Result<(), JsonError> {
        let base = self.base;
        let closing = self.all_mut().get_mut(base..).unwrap_or_default();
        if closing.len() > JSON_NAMES_COMPARED {
            closing.sort_unstable_by(Name::order);
            if closing.windows(2).any(|pair| matches!(pair, [one, next] if one.same(next))) {
                return Err(JsonError::DuplicateMember);
            }
        }
        let mark = base.saturating_sub(1);
        self.base = self.all().get(mark).map_or(0, |outer| usize::try_from(outer.tag).unwrap_or(0));
        self.on_heap.truncate(mark);
        self.on_stack_count = self.on_stack_count.min(mark);
        Ok(())
    }

    fn push(&mut self, name: Name<'t>) {
        match self.on_stack.get_mut(self.on_stack_count) {
            Some(place) if self.on_heap.is_empty() => {
                *place = name;
                self.on_stack_count += 1;
            }
            _ => {
                if self.on_heap.is_empty() {
                    self.on_heap.extend_from_slice(&self.on_stack);
                }
                self.on_heap.push(name);
            }
        }
    }

    fn all(&self) -> &[Name<'t>] {
        match self.on_heap.is_empty() {
            true => self.on_stack.get(..self.on_stack_count).unwrap_or_default(),
            false => &self.on_heap,
        }
    }

    fn all_mut(&mut self) -> &mut [Name<'t>] {
        match self.on_heap.is_empty() {
            true => self.on_stack.get_mut(..self.on_stack_count).unwrap_or_default(),
            false => &mut self.on_heap,
        }
    }
}
