"""Everything that can go wrong by a user's doing, as one tree.

    RagError
    ├── QuestionError (also ValueError)   blank or far too long question, k < 1, unknown filter value
    ├── CorpusError                       no folder, no readable document
    │   ├── UnreadableError               one file cannot be read; the message is only the reason
    │   └── CollectionError               a file cannot be taken in, changed or removed
    │       └── NameTakenError            another report has this name
    ├── EncoderError                      the embedding model cannot be loaded or used
    ├── ModelError                        the chat model cannot be set up, or did not answer
    └── IndexStoreError                   the index on disk
        ├── IndexMissingError             never built
        ├── IndexStaleError               the corpus or the settings have changed since
        ├── IndexMismatchError            built by another encoder or another format version
        ├── IndexDamagedError             a file is missing, cut or altered
        └── IndexWriteError               cannot be written: read-only folder, disk full

Messages are one sentence in Chinese, the language of the people who read them:
what happened, where, and what to do. Abstaining is not an error (see types.Answer).
"""

from __future__ import annotations


class RagError(Exception):
    """Base of every error this package raises on purpose."""


class QuestionError(RagError, ValueError):
    """The question or a search option cannot be used."""


class CorpusError(RagError):
    """The folder of reports is missing or nothing in it can be read."""


class UnreadableError(CorpusError):
    """One file cannot be read. The message is the reason alone: whoever reads names the file."""


class CollectionError(CorpusError):
    """A file of the collection cannot be taken in, changed, removed or put back."""


class NameTakenError(CollectionError):
    """Another report has this name and other content; nothing was written."""


class EncoderError(RagError):
    """The embedding model cannot be loaded, or its output cannot be used."""


class ModelError(RagError):
    """The chat model cannot be set up, or did not answer properly."""


class IndexStoreError(RagError):
    """Base of the errors about the index on disk."""


class IndexMissingError(IndexStoreError):
    """No index has been built in this folder."""


class IndexStaleError(IndexStoreError):
    """The corpus or the passage settings are no longer those of the index."""


class IndexMismatchError(IndexStoreError):
    """The index was built by another encoder or another version of the format."""


class IndexDamagedError(IndexStoreError):
    """A file of the index is missing, cut short or altered."""


class IndexWriteError(IndexStoreError):
    """The index cannot be written."""
