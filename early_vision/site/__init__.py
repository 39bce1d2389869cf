"""The site: pictures, pages and data files of the articles, gathered first and then written at once."""
