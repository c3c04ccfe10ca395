"""What the audit decides: images, verdicts and owners joined into findings."""
