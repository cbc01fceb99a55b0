//! Both halves of each mechanism against each other, in one process, with a clock the test moves.

#[cfg(test)]
mod access;
#[cfg(test)]
mod assertion;
#[cfg(test)]
mod authentication;
#[cfg(test)]
mod client_cert;
#[cfg(test)]
mod confusion;
#[cfg(test)]
mod dpop;
#[cfg(test)]
mod flow;
#[cfg(test)]
mod grant;
#[cfg(test)]
mod id_token;
#[cfg(test)]
mod introspection;
#[cfg(test)]
mod issue;
#[cfg(test)]
mod jarm;
#[cfg(test)]
mod party;
#[cfg(test)]
mod pkce;
#[cfg(test)]
mod record;
#[cfg(test)]
mod replay;
#[cfg(test)]
mod request_object;
#[cfg(test)]
mod secret;
#[cfg(test)]
mod user;
