"""Records: a person's own data sets, imported, kept in sealed blocks, added up and plotted."""
