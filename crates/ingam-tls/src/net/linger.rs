use core::{
    pin::Pin,
    task::{Context, Poll},
};
use std::io;

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Instant, Sleep, sleep_until},
};
use tokio_rustls::server::TlsStream;

use crate::limits;

/// A connection that, once our side is closed, still takes in what the client was sending.
///
/// Closing a socket that holds unread bytes resets it, and the reset overtakes our last answer: a client that is
/// still sending its megabyte would see a broken connection instead of 413 or 431 (RFC 9112 section 9.6).
pub(super) struct Lingering {
    stream: TlsStream<TcpStream>,
    closing: Option<Closing>,
}

struct Closing {
    sent: bool,
    left: usize,
    deadline: Pin<Box<Sleep>>,
}

impl Lingering {
    pub(super) const fn new(stream: TlsStream<TcpStream>) -> Self {
        Self { stream, closing: None }
    }

    /// Reads and forgets until the client closes, or the bounds are reached.
    fn poll_drain(stream: &mut TlsStream<TcpStream>, closing: &mut Closing, context: &mut Context<'_>) -> Poll<()> {
        if closing.deadline.as_mut().poll(context).is_ready() {
            return Poll::Ready(());
        }
        let (tcp, _session) = stream.get_mut();
        let mut scratch = [0; 8 << 10];
        while closing.left > 0 {
            let mut buffer = ReadBuf::new(&mut scratch);
            match Pin::new(&mut *tcp).poll_read(context, &mut buffer) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() => {
                    closing.left = closing.left.saturating_sub(buffer.filled().len());
                }
                Poll::Ready(_) => return Poll::Ready(()),
            }
        }
        Poll::Ready(())
    }
}

impl AsyncRead for Lingering {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Lingering {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let closing = this.closing.get_or_insert_with(|| Closing {
            sent: false,
            left: limits::LINGER_BYTES,
            deadline: Box::pin(sleep_until(Instant::now() + limits::LINGER)),
        });
        if !closing.sent {
            match Pin::new(&mut this.stream).poll_shutdown(cx) {
                Poll::Ready(Ok(())) => closing.sent = true,
                other => return other,
            }
        }
        Self::poll_drain(&mut this.stream, closing, cx).map(Ok)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
