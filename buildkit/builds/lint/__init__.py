"""What in a Dockerfile breaks on another platform. Pure: it is given the parsed file and what lies in its context."""
