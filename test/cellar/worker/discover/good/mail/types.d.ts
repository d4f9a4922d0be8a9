// Not a module: autodiscovery leaves it alone.
