use bytes::{Bytes, BytesMut};
use http::{HeaderMap, header::TRANSFER_ENCODING};
use http_body_util::BodyExt;
use hyper::body::Body;

/// Why there is no whole body.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum BodyRefused {
    /// It is longer than its limit.
    TooLarge,
    /// It did not come to its end.
    Broken,
}

/// The whole of `body`, at most `limit` bytes; trailers are left out.
///
/// Pieces are copied together as they come: a piece that is kept holds the buffer it arrived in, and a body sent byte by
/// byte would take a hundred times its length.
pub(super) async fn gather<B>(body: B, limit: usize) -> Result<Bytes, BodyRefused>
where
    B: Body<Data = Bytes> + Unpin,
{
    let mut body = body;
    let mut first = Bytes::new();
    let mut all = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(piece) = frame.map_err(|_| BodyRefused::Broken)?.into_data() else { continue };
        if piece.len() > limit.saturating_sub(first.len().max(all.len())) {
            return Err(BodyRefused::TooLarge);
        }
        match (first.is_empty(), all.is_empty()) {
            (true, true) => first = piece,
            (false, _) => {
                all.extend_from_slice(&core::mem::take(&mut first));
                all.extend_from_slice(&piece);
            }
            (true, false) => all.extend_from_slice(&piece),
        }
    }
    Ok(if all.is_empty() { first } else { all.freeze() })
}

/// Whether the body has a transfer coding besides chunks (RFC 9112 section 7): only these are taken apart, and what is coded
/// otherwise, or twice, would not be the body.
pub(super) fn is_coded_further(headers: &HeaderMap) -> bool {
    let mut codings = headers.get_all(TRANSFER_ENCODING).iter();
    codings.any(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"chunked"))
}

#[cfg(test)]
mod tests {
    use core::{
        convert::Infallible,
        pin::Pin,
        task::{Context, Poll},
    };
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use hyper::body::Frame;

    use super::*;

    /// A piece that says for how long it is held.
    struct Piece(&'static [u8], Arc<AtomicUsize>);

    impl AsRef<[u8]> for Piece {
        fn as_ref(&self) -> &[u8] {
            self.0
        }
    }

    impl Drop for Piece {
        fn drop(&mut self) {
            self.1.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// `left` pieces of `piece`.
    struct Pieces {
        piece: &'static [u8],
        left: usize,
        held: Arc<AtomicUsize>,
        most: Arc<AtomicUsize>,
    }

    impl Body for Pieces {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            if self.left == 0 {
                return Poll::Ready(None);
            }
            self.left -= 1;
            self.most.fetch_max(self.held.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Relaxed);
            let piece = Bytes::from_owner(Piece(self.piece, Arc::clone(&self.held)));
            Poll::Ready(Some(Ok(Frame::data(piece))))
        }
    }

    async fn gathered(piece: &'static [u8], count: usize, limit: usize) -> (Result<Bytes, BodyRefused>, usize) {
        let most = Arc::new(AtomicUsize::new(0));
        let pieces = Pieces { piece, left: count, held: Arc::default(), most: Arc::clone(&most) };
        let outcome = gather(pieces, limit).await;
        (outcome, most.load(Ordering::Relaxed))
    }

    #[tokio::test]
    async fn a_body_sent_byte_by_byte_takes_no_more_than_its_length() {
        let (body, most) = gathered(b"x", 10_000, 10_000).await;
        assert_eq!(body.unwrap(), "x".repeat(10_000));
        assert!(most <= 2, "{most} pieces were held at once");
        assert_eq!(gathered(b"x", 10_001, 10_000).await.0, Err(BodyRefused::TooLarge));
        assert_eq!(gathered(b"two", 1, 3).await.0.unwrap(), "two");
        assert_eq!(gathered(b"four", 1, 3).await.0, Err(BodyRefused::TooLarge));
        assert_eq!(gathered(b"", 3, 0).await.0.unwrap(), "");
        assert_eq!(gathered(b"ab", 2, 3).await.0, Err(BodyRefused::TooLarge), "the first piece counts too");
    }
}
