"""Pages on paper: PDF made with ReportLab from values of the trade. Knows `shop` only."""
