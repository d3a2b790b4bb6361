"""Search: finders of witnesses, and numbers with two proved ends. Nothing here is trusted; `certificates` checks it all."""
