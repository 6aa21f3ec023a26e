"""The sub-commands, one module for each noun. Each says its errors in a sentence and leaves nothing half-written."""
