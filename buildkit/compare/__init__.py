"""Objects against objects, strictly: what differs between two renders, and whether that was intended."""
