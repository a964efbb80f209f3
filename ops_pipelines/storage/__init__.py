"""What is kept: versioned outputs in a folder or an object store, samples in a local folder."""
