"""An overlay over an install: what to put over a release so that it runs on what you have."""
