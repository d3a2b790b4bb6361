"""Search: finders of witnesses, and numbers with two proved ends; `certificates` checks all of it."""
