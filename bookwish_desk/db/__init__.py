"""Where facts are kept: tables, engines, migrations, and reads that return frozen shop values.

Two databases lie in one data folder: `shop.db` (sales, stock, tills, outbox, journal) and
`catalogue.db` (titles of the trade and their search index). Rows never leave a transaction.
"""
