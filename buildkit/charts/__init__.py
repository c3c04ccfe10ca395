"""Helm charts from Kustomize renders: one chart of all profiles, values that are set into it, and what it must equal.

renders -> `marks` (what values reach, per profile) -> `union` (one tree, guarded by profile) -> `writing` (templates);
`evaluation` reads the same marks and says what a render must be, without helm.
"""
