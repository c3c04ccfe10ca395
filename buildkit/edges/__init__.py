"""The only input and output: processes, files, source trees, kustomize, registries."""
