"""Values that every stage shares: frozen, typed, free of input and output."""
