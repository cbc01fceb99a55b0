//! The one pass over a JSON text.

use super::{
    JsonError, Limits,
    names::{Name, Names},
};
use crate::limits::JSON_DIGITS;

/// Scans `text`, which is UTF-8.
pub(super) fn scan(text: &[u8], limits: &Limits) -> Result<(), JsonError> {
    let mut scanner =
        Scanner { whole: text, rest: text, limits: *limits, members: 0, depth: 0, kinds: 0, names: Names::new() };
    scanner.text()
}

/// Where the scan stands.
struct Scanner<'t> {
    whole: &'t [u8],
    rest: &'t [u8],
    limits: Limits,
    members: usize,
    depth: usize,
    /// One bit for each open level, the innermost lowest: 1 is an object, 0 an array. `JSON_DEPTH` levels fit.
    kinds: u128,
    names: Names<'t>,
}

/// What follows a value or an opening.
enum Next {
    Value,
    Close,
}

impl<'t> Scanner<'t> {
    fn text(&mut self) -> Result<(), JsonError> {
        loop {
            let mut next = self.value()?;
            while let Next::Close = next {
                if self.depth == 0 {
                    self.white_space();
                    return if self.rest.is_empty() { Ok(()) } else { Err(self.malformed()) };
                }
                next = self.after_value()?;
            }
        }
    }

    /// A value, or the opening of one: `Close` says that it is complete.
    #[inline]
    fn value(&mut self) -> Result<Next, JsonError> {
        self.white_space();
        let [first, rest @ ..] = self.rest else { return Err(self.malformed()) };
        match first {
            b'"' => {
                self.rest = rest;
                self.string()?;
                Ok(Next::Close)
            }
            b'{' => {
                self.rest = rest;
                self.open(1)?;
                self.names.open();
                self.white_space();
                if let [b'}', rest @ ..] = self.rest {
                    self.rest = rest;
                    self.close_object()?;
                    return Ok(Next::Close);
                }
                self.member_name()?;
                Ok(Next::Value)
            }
            b'[' => {
                self.rest = rest;
                self.open(0)?;
                self.white_space();
                if let [b']', rest @ ..] = self.rest {
                    self.rest = rest;
                    self.close();
                    return Ok(Next::Close);
                }
                self.count_member()?;
                Ok(Next::Value)
            }
            b'-' | b'0'..=b'9' => self.number().map(|()| Next::Close),
            b't' => self.literal(b"true"),
            b'f' => self.literal(b"false"),
            b'n' => self.literal(b"null"),
            _ => Err(self.malformed()),
        }
    }

    /// A comma and what must stand after it, or the end of the innermost array or object.
    #[inline]
    fn after_value(&mut self) -> Result<Next, JsonError> {
        self.white_space();
        let in_object = self.kinds & 1 == 1;
        match self.rest {
            [b',', rest @ ..] => {
                self.rest = rest;
                if in_object {
                    self.white_space();
                    self.member_name()?;
                } else {
                    self.count_member()?;
                }
                Ok(Next::Value)
            }
            [b'}', rest @ ..] if in_object => {
                self.rest = rest;
                self.close_object()?;
                Ok(Next::Close)
            }
            [b']', rest @ ..] if !in_object => {
                self.rest = rest;
                self.close();
                Ok(Next::Close)
            }
            _ => Err(self.malformed()),
        }
    }

    fn open(&mut self, kind: u128) -> Result<(), JsonError> {
        if self.depth >= self.limits.depth {
            return Err(JsonError::TooDeep { limit: self.limits.depth });
        }
        self.depth += 1;
        self.kinds = (self.kinds << 1) | kind;
        Ok(())
    }

    const fn close(&mut self) {
        self.depth -= 1;
        self.kinds >>= 1;
    }

    fn close_object(&mut self) -> Result<(), JsonError> {
        self.names.close()?;
        self.close();
        Ok(())
    }

    fn count_member(&mut self) -> Result<(), JsonError> {
        if self.members >= self.limits.members {
            return Err(JsonError::TooManyMembers { limit: self.limits.members });
        }
        self.members += 1;
        Ok(())
    }

    /// A member's name and its colon.
    #[inline]
    fn member_name(&mut self) -> Result<(), JsonError> {
        self.count_member()?;
        let [b'"', onward @ ..] = self.rest else { return Err(self.malformed()) };
        self.rest = onward;
        let escapes = self.string()?;
        let length = onward.len() - self.rest.len() - 1;
        let raw = onward.get(..length).unwrap_or_default();
        self.names.insert(if escapes { Name::escaped(raw) } else { Name::plain(raw, onward) })?;
        self.white_space();
        let [b':', rest @ ..] = self.rest else { return Err(self.malformed()) };
        self.rest = rest;
        Ok(())
    }

    /// The rest of a string and its closing quote; says whether there were escapes.
    #[inline]
    fn string(&mut self) -> Result<bool, JsonError> {
        let mut escapes = false;
        loop {
            while let Some((eight, rest)) = self.rest.split_first_chunk::<8>() {
                let plain = plain_bytes(u64::from_le_bytes(*eight));
                if plain < 8 {
                    self.rest = self.rest.get(plain..).unwrap_or_default();
                    break;
                }
                self.rest = rest;
            }
            match self.rest {
                [b'"', rest @ ..] => {
                    self.rest = rest;
                    return Ok(escapes);
                }
                [b'\\', rest @ ..] => {
                    self.rest = rest;
                    self.escape()?;
                    escapes = true;
                }
                [0x20..=0xff, rest @ ..] => self.rest = rest,
                _ => return Err(self.malformed()),
            }
        }
    }

    fn escape(&mut self) -> Result<(), JsonError> {
        match self.rest {
            [b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', rest @ ..] => {
                self.rest = rest;
                Ok(())
            }
            [b'u', rest @ ..] => {
                self.rest = rest;
                match self.code_unit()? {
                    0xd800..0xdc00 => {
                        for expected in b"\\u" {
                            self.byte(*expected)?;
                        }
                        let start = self.rest;
                        if !(0xdc00..0xe000).contains(&self.code_unit()?) {
                            self.rest = start;
                            return Err(self.malformed());
                        }
                        Ok(())
                    }
                    0xdc00..0xe000 => Err(self.malformed()),
                    _ => Ok(()),
                }
            }
            _ => Err(self.malformed()),
        }
    }

    fn code_unit(&mut self) -> Result<u32, JsonError> {
        let mut unit = 0;
        for _ in 0..4 {
            let [digit, rest @ ..] = self.rest else { return Err(self.malformed()) };
            let Some(digit) = char::from(*digit).to_digit(16) else { return Err(self.malformed()) };
            self.rest = rest;
            unit = (unit << 4) | digit;
        }
        Ok(unit)
    }

    fn number(&mut self) -> Result<(), JsonError> {
        let start = self.rest;
        if let [b'-', rest @ ..] = self.rest {
            self.rest = rest;
        }
        match self.rest {
            [b'0', rest @ ..] => self.rest = rest,
            _ => self.digits()?,
        }
        if let [b'.', rest @ ..] = self.rest {
            self.rest = rest;
            self.digits()?;
        }
        let exponent = matches!(self.rest, [b'e' | b'E', ..]);
        if exponent {
            self.rest = match self.rest {
                [_, b'+' | b'-', rest @ ..] | [_, rest @ ..] => rest,
                [] => &[],
            };
            self.digits()?;
        }
        let length = start.len() - self.rest.len();
        if exponent || length >= JSON_DIGITS {
            // Only here can a number be beyond a double, and `serde_json` is asked, since it will read the text.
            let number = start.get(..length).unwrap_or_default();
            if serde_json::from_slice::<f64>(number).is_err() {
                self.rest = start;
                return Err(self.malformed());
            }
        }
        Ok(())
    }

    /// One digit or more.
    #[inline]
    fn digits(&mut self) -> Result<(), JsonError> {
        let [b'0'..=b'9', rest @ ..] = self.rest else { return Err(self.malformed()) };
        self.rest = rest;
        while let [b'0'..=b'9', rest @ ..] = self.rest {
            self.rest = rest;
        }
        Ok(())
    }

    fn literal(&mut self, word: &[u8]) -> Result<Next, JsonError> {
        for expected in word {
            self.byte(*expected)?;
        }
        Ok(Next::Close)
    }

    fn byte(&mut self, expected: u8) -> Result<(), JsonError> {
        match self.rest {
            [byte, rest @ ..] if *byte == expected => {
                self.rest = rest;
                Ok(())
            }
            _ => Err(self.malformed()),
        }
    }

    #[inline]
    fn white_space(&mut self) {
        while let [b' ' | b'\n' | b'\r' | b'\t', rest @ ..] = self.rest {
            self.rest = rest;
        }
    }

    /// The next byte cannot be.
    #[cold]
    const fn malformed(&self) -> JsonError {
        JsonError::Malformed { at: self.whole.len() - self.rest.len() }
    }
}

/// How many of the eight bytes, from the first on, are neither a quote, a backslash nor a control character.
#[inline]
fn plain_bytes(eight: u64) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    // In each line the lowest marked byte is right; a borrow can only mark wrongly above one that is.
    let quote = eight ^ (ONES * 0x22);
    let quote = quote.wrapping_sub(ONES) & !quote;
    let backslash = eight ^ (ONES * 0x5c);
    let backslash = backslash.wrapping_sub(ONES) & !backslash;
    let control = eight.wrapping_sub(ONES * 0x20) & !eight;
    let clear = ((quote | backslash | control) & HIGH).trailing_zeros() / 8;
    usize::try_from(clear).unwrap_or(8)
}
