//! What a fintech embeds: begin, complete, call; many operators at once.
