//! What a bank or platform embeds: the order of the checks, decisions, pages, endpoints.
