"""HDF5 files: activation dumps, and the roles of their datasets."""
