"""Release and build automation for Kubeflow on more than one CPU architecture, and for Helm."""

__version__ = "0.1.0"
