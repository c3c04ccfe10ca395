"""What ties manifests to one architecture: finding it, judging it, and the smallest edit that frees it."""
