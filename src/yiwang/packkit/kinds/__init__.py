"""What each kind of a pack may say, as typed structures; the JSON Schemas are printed from them.

Folder = kind, file = thing, file name = its id. A struct's field is a key of the YAML file; an
unknown key is an error. Instants are ISO 8601, periods ISO 8601 durations, expressions are text
in the one expression language (``yiwang.rules``), and every rule value carries its basis.
"""
