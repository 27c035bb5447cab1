"""Networks, one file each; the key names are those of the published files."""
