"""Readers in processes of their own: a file that kills, hangs or bloats its reader costs only itself.

A client (`client.Readers`) starts slim single-threaded parents; a parent forks one child for each
request. The child reads the hostile file under hard limits and dies; its answer is plain data, and is
checked again by the client.
"""
