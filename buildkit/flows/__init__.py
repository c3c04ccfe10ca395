"""One module per verb: the run as straight calls from stage to stage, edges passed in."""
