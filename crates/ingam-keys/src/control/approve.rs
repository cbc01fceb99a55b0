use std::collections::BTreeMap;

use ingam_jose::{
    SignError, Signer, VerifyingKey,
    jwt::{JwtError, Kind, Presented, Typ, sign},
};
use ingam_wire::{Seconds, UnixTime};
use serde::{Deserialize, Serialize};

use super::{Command, Person};

/// The administrators and their keys: two of them must sign the same command before it is carried out.
///
/// A request and an approval are JWTs of one kind (`ingam-admin+jwt`), each signed by its person's own key, and
/// short-lived. A person is known by a key and a name: two names with one key, and one name in two spellings, are
/// refused when the list is made.
///
/// x1149: 3.1.5.2
#[derive(Debug)]
pub struct DualControl {
    administrators: BTreeMap<Person, VerifyingKey>,
}

/// A command that one person asked for and another approved. Only [`DualControl::check`] makes one.
///
/// ```
/// fn carry_out(approved: &ingam_keys::Approved) -> &ingam_keys::Command {
///     approved.command()
/// }
/// ```
///
/// ```compile_fail,E0451
/// fn forge(command: ingam_keys::Command, me: ingam_keys::Person) -> ingam_keys::Approved {
///     ingam_keys::Approved { command, requester: me.clone(), approver: me, asked: ingam_wire::UnixTime::from_secs(0) }
/// }
/// ```
#[derive(Debug)]
#[must_use = "nothing has been done yet"]
pub struct Approved {
    command: Command,
    requester: Person,
    approver: Person,
    asked: UnixTime,
}

impl Approved {
    /// What is to be done.
    #[must_use]
    pub const fn command(&self) -> &Command {
        &self.command
    }

    /// Who asked for it.
    #[must_use]
    pub const fn requester(&self) -> &Person {
        &self.requester
    }

    /// Who approved it.
    #[must_use]
    pub const fn approver(&self) -> &Person {
        &self.approver
    }

    /// When the requester signed.
    #[must_use]
    pub const fn asked(&self) -> UnixTime {
        self.asked
    }
}

/// Why a command is not approved, in the order of the checks.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ApprovalError {
    /// Two people with one key would be one person with two names.
    #[error("two administrators have the same key")]
    SharedKey,
    /// Two spellings of one name could be one person with two keys.
    #[error("two administrators have names that differ in case, spaces or punctuation only")]
    SameName,
    /// A token is malformed, of another kind, or not signed by its person.
    #[error("a token is refused: {0}")]
    Token(#[from] JwtError),
    /// The person is no administrator.
    #[error("not an administrator")]
    UnknownPerson,
    /// A request stands where an approval must, or the other way round.
    #[error("a request in place of an approval, or the reverse")]
    WrongRole,
    /// The token's time is over, has not come, or is longer than [`DualControl::LONGEST`].
    #[error("outside the token's time")]
    OutOfTime,
    /// The two people did not sign the same command.
    #[error("the approval is for another command")]
    OtherCommand,
    /// Both are the same person.
    #[error("requester and approver are the same person")]
    SelfApproval,
}

impl ApprovalError {
    /// The variant's name, as the record prints it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::SharedKey => "SharedKey",
            Self::SameName => "SameName",
            Self::Token(_) => "Token",
            Self::UnknownPerson => "UnknownPerson",
            Self::WrongRole => "WrongRole",
            Self::OutOfTime => "OutOfTime",
            Self::OtherCommand => "OtherCommand",
            Self::SelfApproval => "SelfApproval",
        }
    }
}

impl DualControl {
    /// The longest life of a request or an approval: long enough to telephone, too short to keep one in a drawer.
    pub const LONGEST: Seconds = Seconds::new(15 * 60);

    /// Control by these administrators.
    ///
    /// # Errors
    /// `SharedKey` when two names have one key, `SameName` when two names are spellings of one.
    pub fn new(administrators: BTreeMap<Person, VerifyingKey>) -> Result<Self, ApprovalError> {
        let names = || administrators.keys().enumerate();
        if names().any(|(at, name)| names().skip(at.saturating_add(1)).any(|(_, other)| name.resembles(other))) {
            return Err(ApprovalError::SameName);
        }
        let mut prints: Vec<_> = administrators.values().map(VerifyingKey::thumbprint).collect();
        prints.sort_unstable();
        prints.dedup();
        if prints.len() == administrators.len() { Ok(Self { administrators }) } else { Err(ApprovalError::SharedKey) }
    }

    /// A request: `person` asks for `command`.
    ///
    /// # Errors
    /// [`SignError`].
    pub async fn request(
        command: Command,
        person: Person,
        signer: &dyn Signer,
        now: UnixTime,
    ) -> Result<String, SignError> {
        Self::token(command, person, Role::Request, signer, now).await
    }

    /// An approval: `person` agrees to `command`, as read from the request.
    ///
    /// # Errors
    /// [`SignError`].
    pub async fn approve(
        command: Command,
        person: Person,
        signer: &dyn Signer,
        now: UnixTime,
    ) -> Result<String, SignError> {
        Self::token(command, person, Role::Approve, signer, now).await
    }

    /// Whether `request` and `approval` are two administrators' over one command, at `now`.
    ///
    /// # Errors
    /// The first [`ApprovalError`] that applies.
    pub fn check(&self, request: &str, approval: &str, now: UnixTime) -> Result<Approved, ApprovalError> {
        let request = self.read(request, Role::Request, now)?;
        let approval = self.read(approval, Role::Approve, now)?;
        if request.command != approval.command {
            return Err(ApprovalError::OtherCommand);
        }
        if request.iss == approval.iss {
            return Err(ApprovalError::SelfApproval);
        }
        let (requester, approver, asked) = (request.iss, approval.iss, request.iat);
        Ok(Approved { command: request.command, requester, approver, asked })
    }

    async fn token(
        command: Command,
        iss: Person,
        role: Role,
        signer: &dyn Signer,
        now: UnixTime,
    ) -> Result<String, SignError> {
        let exp = now.plus(Self::LONGEST);
        sign::<Administration>(&Statement { iss, role, command, iat: now, exp }, signer).await
    }

    fn read(&self, token: &str, role: Role, now: UnixTime) -> Result<Statement, ApprovalError> {
        let presented = Presented::<Administration>::parse(token)?;
        let person = presented.claimed::<Claimant>()?.for_lookup().iss.clone();
        let key = self.administrators.get(&person).ok_or(ApprovalError::UnknownPerson)?;
        let (statement, _) = presented.verify(key)?.into_parts();
        if statement.role != role {
            return Err(ApprovalError::WrongRole);
        }
        let longest = statement.iat.plus(Self::LONGEST);
        if now < statement.iat || statement.exp <= now || statement.exp > longest {
            return Err(ApprovalError::OutOfTime);
        }
        Ok(statement)
    }
}

/// The kind of a request or an approval.
#[derive(Debug)]
struct Administration;

impl Kind for Administration {
    const TYP: Typ = Typ::Required("ingam-admin+jwt");
    type Claims = Statement;
}

#[derive(Debug, Deserialize, Serialize)]
struct Statement {
    iss: Person,
    role: Role,
    command: Command,
    iat: UnixTime,
    exp: UnixTime,
}

#[derive(Debug, Deserialize)]
struct Claimant {
    iss: Person,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Role {
    Request,
    Approve,
}
