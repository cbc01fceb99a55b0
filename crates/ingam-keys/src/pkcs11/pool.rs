use core::{
    fmt,
    future::poll_fn,
    task::{Poll, Waker},
};
use std::{
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    },
    thread,
};

use cryptoki::{
    context::Pkcs11,
    error::{Error, RvError},
    object::{Attribute, ObjectClass, ObjectHandle},
    session::{Session, UserType},
    slot::Slot,
    types::AuthPin,
};

use super::{TokenError, TokenModule};

/// Threads with a session each, and the work that waits for them.
pub(super) struct Pool {
    work: SyncSender<Job>,
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pool")
    }
}

/// Where the token is.
#[derive(Debug)]
pub(super) enum Place {
    /// Wherever the token with this label is.
    Label(Box<str>),
    /// In this slot, whatever its label.
    Slot(u64),
}

/// What every thread needs to open a session.
pub(super) struct Door {
    pub(super) module: TokenModule,
    pub(super) place: Place,
    pub(super) pin: AuthPin,
    pub(super) refused: AtomicBool,
}

/// A session with the handles found in it.
pub(super) struct Seat {
    pub(super) session: Session,
    generation: u64,
    found: Vec<(Box<str>, ObjectClass, ObjectHandle)>,
}

/// One attempt at the work, which answers by itself.
type Job = Box<dyn FnMut(Result<&mut Seat, TokenError>) -> Attempt + Send>;

/// How an attempt ended.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Attempt {
    /// It was answered; the session is well.
    Answered,
    /// It was answered; the session is gone.
    AnsweredAndBroken,
    /// The session is gone; a new one may do it.
    Again,
}

/// Work that was handed over.
pub(super) struct Reply<T>(Arc<(Mutex<Answer<T>>, Condvar)>);

struct Answer<T> {
    value: Option<Result<T, TokenError>>,
    waker: Option<Waker>,
}

impl Pool {
    pub(super) fn start(door: Door, sessions: usize) -> Result<Self, TokenError> {
        let (work, jobs) = sync_channel::<Job>(QUEUE);
        let (door, jobs) = (Arc::new(door), Arc::new(Mutex::new(jobs)));
        for _ in 0..sessions.clamp(1, SESSIONS) {
            let (door, jobs) = (Arc::clone(&door), Arc::clone(&jobs));
            thread::Builder::new()
                .name("ingam-pkcs11".into())
                .spawn(move || serve(&door, &jobs))
                .map_err(|_| TokenError::Busy)?;
        }
        Ok(Self { work })
    }

    /// Hands `work` to the next free session. It may run twice, if the session breaks the first time.
    pub(super) fn submit<T: Send + 'static>(
        &self,
        mut work: impl FnMut(&mut Seat) -> Result<T, WorkError> + Send + 'static,
    ) -> Reply<T> {
        let reply = Reply(Arc::new((Mutex::new(Answer { value: None, waker: None }), Condvar::new())));
        let to = Reply(Arc::clone(&reply.0));
        let mut again = true;
        let job: Job = Box::new(move |seat| {
            let outcome = seat.map_err(WorkError::Refused).and_then(&mut work);
            match outcome {
                Err(WorkError::Token(error)) if broken(&error) && core::mem::take(&mut again) => Attempt::Again,
                Err(WorkError::Token(error)) => {
                    to.answer(Err(said(&error)));
                    if broken(&error) { Attempt::AnsweredAndBroken } else { Attempt::Answered }
                }
                Err(WorkError::Vanished) if core::mem::take(&mut again) => Attempt::Again,
                Err(WorkError::Vanished) => {
                    to.answer(Err(TokenError::NoKey));
                    Attempt::Answered
                }
                Err(WorkError::Refused(reason)) => {
                    to.answer(Err(reason));
                    Attempt::Answered
                }
                Ok(value) => {
                    to.answer(Ok(value));
                    Attempt::Answered
                }
            }
        });
        if let Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) = self.work.try_send(job) {
            reply.answer(Err(TokenError::Busy));
        }
        reply
    }
}

/// Why work did not succeed: what the token said, or what we say.
pub(super) enum WorkError {
    Token(Error),
    Refused(TokenError),
    /// A key that was there is not found: the token may be out, which a new session tells.
    Vanished,
}

impl From<Error> for WorkError {
    fn from(error: Error) -> Self {
        Self::Token(error)
    }
}

impl From<TokenError> for WorkError {
    fn from(error: TokenError) -> Self {
        Self::Refused(error)
    }
}

impl<T> Reply<T> {
    /// Waits without blocking the thread.
    pub(super) async fn arrived(self) -> Result<T, TokenError> {
        poll_fn(|context| {
            let mut answer = self.lock();
            match answer.value.take() {
                Some(value) => Poll::Ready(value),
                None => {
                    answer.waker = Some(context.waker().clone());
                    Poll::Pending
                }
            }
        })
        .await
    }

    /// Waits on this thread.
    pub(super) fn wait(self) -> Result<T, TokenError> {
        let mut answer = self.lock();
        loop {
            if let Some(value) = answer.value.take() {
                return value;
            }
            answer = self.0.1.wait(answer).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn answer(&self, value: Result<T, TokenError>) {
        let mut answer = self.lock();
        answer.value = Some(value);
        self.0.1.notify_all();
        let waker = answer.waker.take();
        drop(answer);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Answer<T>> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seat {
    /// The one object of `class` with this label.
    pub(super) fn find(&mut self, label: &str, class: ObjectClass) -> Result<ObjectHandle, WorkError> {
        if let Some((_, _, handle)) = self.found.iter().find(|(known, of, _)| &**known == label && *of == class) {
            return Ok(*handle);
        }
        let wanted = [Attribute::Class(class), Attribute::Label(label.as_bytes().to_vec())];
        match *self.session.find_objects(&wanted)?.as_slice() {
            [handle] => {
                self.found.push((label.into(), class, handle));
                Ok(handle)
            }
            [] => Err(TokenError::NoKey.into()),
            _ => Err(TokenError::Duplicate.into()),
        }
    }

    /// As [`Seat::find`], for a key that was there before.
    pub(super) fn find_again(&mut self, label: &str, class: ObjectClass) -> Result<ObjectHandle, WorkError> {
        match self.find(label, class) {
            Err(WorkError::Refused(TokenError::NoKey)) => Err(WorkError::Vanished),
            found => found,
        }
    }

    /// Forgets what was found under this label.
    pub(super) fn forget(&mut self, label: &str) {
        self.found.retain(|(known, ..)| &**known != label);
    }
}

/// The life of one thread: until the pool is dropped.
fn serve(door: &Door, jobs: &Mutex<Receiver<Job>>) {
    let mut seat: Option<Seat> = None;
    loop {
        let next = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(mut job) = next else { break };
        while attempt(door, &mut seat, &mut job) == Attempt::Again {}
    }
    let _inside = door.module.enter();
    leave(door, seat.take());
}

fn attempt(door: &Door, seat: &mut Option<Seat>, job: &mut Job) -> Attempt {
    if let Err(absent) = sit(door, seat) {
        // The library may have to be started anew before it sees a token that has come back.
        let restarted = absent.reason == TokenError::Absent && door.module.absent(absent.generation);
        if !restarted {
            return job(Err(absent.reason));
        }
        if let Err(again) = sit(door, seat) {
            return job(Err(again.reason));
        }
    }
    let _inside = door.module.enter();
    let stale = seat.as_ref().is_none_or(|seat| seat.generation != door.module.generation());
    let attempt = match seat {
        Some(seat) if !stale => job(Ok(seat)),
        _ => Attempt::Again, // the library was started anew in between: nothing was tried yet
    };
    if attempt != Attempt::Answered {
        leave(door, seat.take());
    }
    attempt
}

/// No session could be opened, as of this start of the library.
struct Unseated {
    reason: TokenError,
    generation: u64,
}

fn sit(door: &Door, seat: &mut Option<Seat>) -> Result<(), Unseated> {
    let library = door.module.enter();
    let generation = door.module.generation();
    if seat.as_ref().is_some_and(|seat| seat.generation == generation) {
        return Ok(());
    }
    *seat = None; // its handle belongs to an earlier start: not to be closed
    let opened = door.open(&library, generation).map_err(|reason| Unseated { reason, generation })?;
    door.module.present();
    *seat = Some(opened);
    Ok(())
}

/// Closes a session, unless its start of the library is over: its handle may be another's by now.
fn leave(door: &Door, seat: Option<Seat>) {
    if let Some(seat) = seat.filter(|seat| seat.generation == door.module.generation()) {
        let _ = seat.session.close(); // it may be gone already
    }
}

impl Door {
    fn open(&self, library: &Pkcs11, generation: u64) -> Result<Seat, TokenError> {
        if self.refused.load(Ordering::SeqCst) {
            return Err(TokenError::WrongPin);
        }
        let slot = self.slot(library)?;
        // Closed by hand: a session must not close a handle of a later start when it is dropped.
        let session = library.open_rw_session_no_drop(slot).map_err(|error| said(&error))?;
        let reason = match session.login(UserType::User, Some(&self.pin)) {
            Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => {
                return Ok(Seat { session, generation, found: Vec::new() });
            }
            Err(error) => said(&error),
        };
        if matches!(reason, TokenError::WrongPin | TokenError::PinLocked) {
            self.refused.store(true, Ordering::SeqCst);
        }
        let _ = session.close(); // the first error is the one to tell
        Err(reason)
    }

    /// The slot with our token; looked up each time, since tokens move.
    fn slot(&self, library: &Pkcs11) -> Result<Slot, TokenError> {
        let slots = library.get_slots_with_token().map_err(|error| said(&error))?;
        let ours = |slot: &Slot| match &self.place {
            Place::Label(label) => library.get_token_info(*slot).is_ok_and(|token| token.label() == &**label),
            Place::Slot(number) => slot.id() == *number,
        };
        slots.into_iter().find(ours).ok_or(TokenError::Absent)
    }
}

/// Whether the session, the token or a handle is gone, so that a new session may help.
fn broken(error: &Error) -> bool {
    use RvError::{
        CryptokiNotInitialized, DeviceError, DeviceRemoved, GeneralError, KeyHandleInvalid, ObjectHandleInvalid,
        SessionClosed, SessionHandleInvalid, SlotIdInvalid, TokenNotPresent, TokenNotRecognized, UserNotLoggedIn,
    };
    matches!(
        error,
        Error::Pkcs11(
            CryptokiNotInitialized
                | DeviceError
                | DeviceRemoved
                | GeneralError
                | KeyHandleInvalid
                | ObjectHandleInvalid
                | SessionClosed
                | SessionHandleInvalid
                | SlotIdInvalid
                | TokenNotPresent
                | TokenNotRecognized
                | UserNotLoggedIn,
            _
        )
    )
}

/// What the token's error means to us.
pub(super) fn said(error: &Error) -> TokenError {
    match error {
        Error::LibraryLoading(_) | Error::MissingSymbol(_) | Error::NullFunctionPointer => TokenError::Module,
        Error::Pkcs11(RvError::PinIncorrect | RvError::PinInvalid | RvError::PinLenRange, _) => TokenError::WrongPin,
        Error::Pkcs11(RvError::PinLocked | RvError::PinExpired, _) => TokenError::PinLocked,
        Error::Pkcs11(
            RvError::MechanismInvalid | RvError::MechanismParamInvalid | RvError::FunctionNotSupported,
            _,
        ) => TokenError::Unsupported,
        error if broken(error) => TokenError::Absent,
        _ => TokenError::Failed,
    }
}

/// Work that may wait: at 50 µs a signature, one second's worth for 10 sessions is far more.
const QUEUE: usize = 1_024;
/// Sessions at most: tokens allow few, and threads cost memory.
const SESSIONS: usize = 64;
