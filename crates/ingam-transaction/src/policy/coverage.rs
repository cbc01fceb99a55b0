use ingam_jose::SignatureAlgorithm;
use ingam_wire::Seconds;

/// What a signature must cover to stand for a message, and how fresh it must be.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CoveragePolicy {
    /// Name and version, as it stands in the record.
    pub name: &'static str,
    /// The label our own signatures carry.
    pub label: &'static str,
    /// The `tag` that says which signature is meant (RFC 9421 section 2.3).
    pub tag: &'static str,
    /// What must be covered. Whatever stands here, a request's method and target and any message's body always must be.
    pub required: &'static [Required],
    /// Fields that our own signatures cover besides, where the message has them.
    pub also: &'static [&'static str],
    /// How long after `created` a signature is accepted.
    pub window: Seconds,
    /// How far `created` may lie ahead of our clock.
    pub skew: Seconds,
    /// The algorithms of keys that may sign.
    pub algorithms: &'static [SignatureAlgorithm],
    /// Whether a signature must carry a nonce; ours always does.
    pub nonce_required: bool,
    /// What becomes of a message without signature.
    pub unsigned: Unsigned,
    /// Whether answers that report an error are signed too.
    pub errors: Errors,
}

/// A component that must be covered.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Required {
    /// Its name: derived (`@method`) or a field in lower case.
    pub component: &'static str,
    /// Whose component it is.
    pub of: Of,
    /// When it must be covered.
    pub when: When,
}

/// Which message a component belongs to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Of {
    /// The signed message itself.
    Message,
    /// The request that a response answers (`req`, RFC 9421 section 2.4).
    Request,
}

/// When a component must be covered.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum When {
    /// Always; a message without it is refused.
    Always,
    /// When the message has a body.
    IfBody,
    /// When the message it belongs to has the field.
    IfPresent,
    /// When the request has the field and no signature that could be covered instead.
    IfRequestUnsigned,
}

/// What becomes of a message without any signature field.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Unsigned {
    /// It is refused.
    Refused,
    /// It passes as `Coverage::Unsigned`: the channel and the proof of possession are all that protects it.
    Permitted,
}

/// Whether answers that report an error are signed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Errors {
    /// Like every other answer.
    Signed,
    /// They are not; whoever verifies learns only that there was an error.
    Unsigned,
}

impl CoveragePolicy {
    /// How long after `created` a one-time id stays taken: longer than any clock within the skew accepts the message.
    #[must_use]
    pub const fn remembered(&self) -> Seconds {
        self.window.plus(self.skew).plus(Seconds::new(1))
    }

    /// The same policy, where a message without signature passes as unsigned.
    #[must_use]
    pub const fn permitting_unsigned(mut self) -> Self {
        self.unsigned = Unsigned::Permitted;
        self
    }

    /// The same policy, where a message without signature is refused: for a peer that is known to sign, so that nobody
    /// between can make it look like one that does not.
    #[must_use]
    pub const fn refusing_unsigned(mut self) -> Self {
        self.unsigned = Unsigned::Refused;
        self
    }

    /// The same policy with another acceptance window.
    #[must_use]
    pub const fn within(mut self, window: Seconds) -> Self {
        self.window = window;
        self
    }
}
