//! An operator, its bank, its users and some fintechs in memory, with a clock that the test moves.

#![allow(dead_code, unused_imports, reason = "each test binary uses its own part of the support")]

mod answer;
mod browser;
mod fintech;
mod post;
mod users;
mod world;

pub(crate) use ingam_contract::{Events, certificate};

pub(crate) use self::{
    answer::Answer,
    browser::{Browser, accounts, sealed},
    fintech::{CALLBACK, CALLBACK_WITH_QUERY, CHALLENGE, Fintech, VERIFIER, key},
    post::{Post, assertion_with, sign, sign_object},
    users::{PASSWORD, Users},
    world::{BASE, PROVIDER, Setup, World, entrance},
};
