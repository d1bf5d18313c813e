"""The API described by itself (OpenAPI 3.1): derived from the registry and the fields as this reader knows them."""

from rapport.records.api.openapi.document import document

__all__ = ["document"]
