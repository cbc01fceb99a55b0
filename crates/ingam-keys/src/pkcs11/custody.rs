use std::sync::Arc;

use ingam_jose::{SignatureAlgorithm, Signer};
use ingam_wire::{BoxFuture, base64url};

use super::{Token, TokenError};
use crate::vault::{Custody, CustodyError, Kept};

impl Custody for Token {
    fn make(&self, algorithm: SignatureAlgorithm) -> BoxFuture<'_, Result<Kept, CustodyError>> {
        Box::pin(async move {
            let mut unique = [0; 16];
            self.provider.randomness().fill(&mut unique).map_err(|_| CustodyError::Unreachable)?;
            let handle = format!("ingam {} {}", algorithm.name(), base64url::encode(unique)).into_boxed_str();
            let signer: Arc<dyn Signer> = Arc::new(self.generate(&handle, algorithm).await.map_err(told)?);
            Ok(Kept { handle, signer })
        })
    }

    fn signer<'a>(
        &'a self,
        handle: &'a str,
        algorithm: SignatureAlgorithm,
    ) -> BoxFuture<'a, Result<Arc<dyn Signer>, CustodyError>> {
        Box::pin(async move {
            let signer: Arc<dyn Signer> = Arc::new(Self::signer(self, handle, algorithm).await.map_err(told)?);
            Ok(signer)
        })
    }

    fn destroy<'a>(&'a self, handle: &'a str) -> BoxFuture<'a, Result<(), CustodyError>> {
        Box::pin(async move {
            match Self::destroy(self, handle).await {
                Ok(()) | Err(TokenError::NoKey) => Ok(()),
                Err(error) => Err(told(error)),
            }
        })
    }
}

fn told(error: TokenError) -> CustodyError {
    match error {
        TokenError::NoKey => CustodyError::NoKey,
        TokenError::Absent | TokenError::Busy | TokenError::Module | TokenError::Failed => CustodyError::Unreachable,
        TokenError::WrongPin
        | TokenError::PinLocked
        | TokenError::Duplicate
        | TokenError::Unsupported
        | TokenError::Key(_)
        | TokenError::WrongAnswer => CustodyError::Refused,
    }
}
