"""The recipe that makes the bundled Chinese encoder. See training/README.md."""
