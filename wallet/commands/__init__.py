"""The sub-commands, one module for each noun. Every one says its errors in a sentence and leaves nothing half-written."""
