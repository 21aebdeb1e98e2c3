"""The report: its values, its pages, and that nothing in a file reaches them as markup."""
