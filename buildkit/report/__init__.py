"""Results into text and JSON: one document model, one writer per format."""
