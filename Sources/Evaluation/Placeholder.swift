// Replaced by the owner.
