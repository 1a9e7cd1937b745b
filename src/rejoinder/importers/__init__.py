"""Import tables, row by row, as dossiers: UPR Info exports, and any CSV file or workbook."""
