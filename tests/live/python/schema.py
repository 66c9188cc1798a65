"""Judges files of TOML by a JSON Schema: schema.py SCHEMA FILE..., prints {file: [what is wrong]}."""

import json
import sys
import tomllib

from jsonschema import Draft202012Validator


def flaws(validator, path):
    with open(path, "rb") as file:
        content = tomllib.load(file)
    # A date of TOML is a text to a schema.
    content = json.loads(json.dumps(content, default=str))
    found = validator.iter_errors(content)
    return sorted("/".join(map(str, error.absolute_path)) + ": " + error.message for error in found)


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        schema = json.load(file)
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    print(json.dumps({path: flaws(validator, path) for path in sys.argv[2:]}))


main()
