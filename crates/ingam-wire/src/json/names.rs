//! The member names of the objects that are open, to find one that comes twice.

use core::{cmp::Ordering, str::Chars};

use super::JsonError;
use crate::limits::{JSON_NAMES_COMPARED, JSON_NAMES_ON_STACK};

/// A member name as it stands between its quotes.
#[derive(Clone, Copy)]
pub(super) struct Name<'t> {
    /// Length and first bytes of what it stands for, so that most names differ in one comparison.
    tag: u64,
    raw: &'t [u8],
}

impl<'t> Name<'t> {
    /// `raw` has no escapes; `onward` is the text from the start of `raw` on.
    #[inline]
    pub(super) fn plain(raw: &'t [u8], onward: &[u8]) -> Self {
        let first = match onward.first_chunk::<8>() {
            Some(first) => u64::from_le_bytes(*first),
            None => raw.iter().rev().fold(0, |first, byte| (first << 8) | u64::from(*byte)),
        };
        Self { tag: tag(first, raw.len()), raw }
    }

    /// `raw` has escapes.
    #[cold]
    pub(super) fn escaped(raw: &'t [u8]) -> Self {
        let decoded: String = decode(raw).collect();
        Self { tag: Name::plain(decoded.as_bytes(), decoded.as_bytes()).tag, raw }
    }

    fn has_escapes(&self) -> bool {
        self.raw.contains(&b'\\')
    }

    #[inline]
    fn same(&self, other: &Self) -> bool {
        self.tag == other.tag && self.order(other).is_eq()
    }

    /// By code points, which is also the order of UTF-8 bytes.
    fn order(&self, other: &Self) -> Ordering {
        if self.has_escapes() || other.has_escapes() {
            decode(self.raw).cmp(decode(other.raw))
        } else {
            self.raw.cmp(other.raw)
        }
    }
}

/// The length and the first seven bytes of a name.
#[inline]
fn tag(first: u64, length: usize) -> u64 {
    let length = u8::try_from(length).unwrap_or(u8::MAX);
    let kept = if length >= 7 { 0x00ff_ffff_ffff_ffff } else { (1 << (8 * length)) - 1 };
    (first & kept) | (u64::from(length) << 56)
}

fn decode(raw: &[u8]) -> Decoded<'_> {
    Decoded { left: core::str::from_utf8(raw).unwrap_or_default().chars() }
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
    type Item = char;

    fn next(&mut self) -> Option<char> {
        let character = self.left.next()?;
        if character != '\\' {
            return Some(character);
        }
        char::from_u32(match self.left.next()? {
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
        Self {
            on_stack: [Name { tag: 0, raw: &[] }; JSON_NAMES_ON_STACK],
            on_stack_count: 0,
            on_heap: Vec::new(),
            base: 0,
        }
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
