"""The registry client: references in, registry facts out. `client.RegistryClient` is the door."""
