"""The web chat: layout, events and rendering. Retrieval and answering live in `rag`."""
