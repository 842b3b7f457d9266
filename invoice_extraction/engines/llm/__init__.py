"""The model engine: a model reads the file, we copy what it read into a Reading and prove it later.

`wire` is what the model fills in, `prompt` what it is told, `providers` who can be asked, `clients`
asks from many threads at once, `calls` bounds the tries, `failures` names what went wrong, `sums` and
`parse` turn an answer into values.
"""
