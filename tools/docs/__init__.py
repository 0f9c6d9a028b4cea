"""The registry's documentation: written from the provider's schema, and checked."""
