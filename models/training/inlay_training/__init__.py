"""The training recipe of Inlay's built-in model."""
