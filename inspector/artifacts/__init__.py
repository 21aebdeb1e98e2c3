"""Read-only readers of files on disk, one module per format; nothing in a file is executed."""
