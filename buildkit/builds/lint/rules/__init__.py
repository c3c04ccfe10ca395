"""The rules, each a function of one build or of one instruction of it."""
