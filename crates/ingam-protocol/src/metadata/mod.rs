//! What an operator publishes about itself.

mod authorization_server;

pub use self::authorization_server::{AuthorizationServerMetadata, MetadataError, MtlsEndpointAliases};
