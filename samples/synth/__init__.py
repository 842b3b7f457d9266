"""Documents as the wide world sets them: many countries, languages, trades and looks, each with its exact truth."""
