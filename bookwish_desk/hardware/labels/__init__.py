"""Label printers: labels to dots, dots to the languages of printers, jobs to their doors."""
