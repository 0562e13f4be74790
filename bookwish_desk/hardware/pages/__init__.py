"""Pages of PDF: drawn as pictures, and printed by the printers of the system."""
