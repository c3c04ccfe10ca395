"""What a Dockerfile says: instructions, stages, and what ARG and ENV make of a word. Pure: it is given the text."""
