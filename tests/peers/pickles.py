#!/usr/bin/env python3
"""Python's own pickle, for tests that compare with it. Expressions are the tests' own.

Reads one JSON list of commands from stdin and answers with the list of their results:
  {"do": "dumps", "expression": "...", "protocol": 4}      its pickle, in base64
  {"do": "loads", "data": "base64", "expression": "..."}   null if the pickle holds an equal value of equal types, or what differs
"""

import base64
import collections
import copyreg
import datetime
import decimal
import fractions
import functools
import json
import os
import pickle
import sys
import types
import uuid


class Custom:
    def __init__(self):
        self.x = 1


class Slotted(int):
    pass


def nested(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


def bomb(depth):
    value = "x"
    for _ in range(depth):
        value = (value, value)
    return value


def looped():
    value = []
    value.append(value)
    return value


def dict_in_itself():
    value = {"a": 1}
    value["me"] = [value]
    return value


def tuple_in_itself():
    value = ([],)
    value[0].append(value)
    return value


def described(value):
    """repr, with sets in order; recursion is repr's own."""
    if type(value) in (set, frozenset):
        return f"{type(value).__name__}{sorted(map(described, value))}"
    if type(value) in (list, tuple):
        return f"{type(value).__name__}{[described(item) for item in value]}"
    if type(value) is dict:
        return f"dict{[(described(key), described(item)) for key, item in value.items()]}"
    return repr(value)


def safely(value):
    try:
        return described(value)
    except RecursionError:
        return repr(value)


def dumps(expression, protocol):
    return base64.b64encode(pickle.dumps(eval(expression), protocol)).decode()


def loads(data, expression):
    actual, expected = safely(pickle.loads(base64.b64decode(data))), safely(eval(expression))
    return None if actual == expected else f"{actual} is not {expected}"


def answer(command):
    name = command.pop("do")
    try:
        return {"dumps": dumps, "loads": loads}[name](**command)
    except Exception as error:
        return f"{type(error).__name__}: {error}"


if __name__ == "__main__":
    json.dump([answer(command) for command in json.load(sys.stdin)], sys.stdout)
