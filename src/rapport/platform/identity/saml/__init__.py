"""Signing in at a provider that speaks SAML 2.0: we are the service provider."""
