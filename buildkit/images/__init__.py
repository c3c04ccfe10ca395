"""Where a tree takes its images from: resources and texts in, image uses out."""
