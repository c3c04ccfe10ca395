"""What the builds verb decides: components, plans, results, verification. Pure: builders and registries are edges."""
