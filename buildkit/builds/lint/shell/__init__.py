"""The shell text of RUN: what it says (`tree`, `parser`), and what it does on one platform (`machine`)."""
