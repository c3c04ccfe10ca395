"""Registry facts and required platforms in, verdicts out."""
