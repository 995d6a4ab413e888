#!/usr/bin/env python3
"""Finds places of C sources that a mutant changes, and writes sources that have several mutants in them.

    mutate.py FILE ...          the places: line, function, what stands there and what a mutant has there
    mutate.py --all FILE        the source with every mutant in it, numbered from 1 (tests/mutants/test.py)

What a mutant changes, in the bodies of functions:
  - a comparison gets another operator: `a < b` becomes `a <= b`, `a == b` becomes `a != b`
  - a condition of `if` or `while` is negated
  - `return true`, `return false`, and `return 0` of a function that returns int return something else
  - an exit code, a status, a verdict, a severity or an outcome becomes another one of its enum

A place becomes `(PXB_MUTANT(17) ? mutated : original)`; see switch.h. Labels of `case`, preprocessor lines, static objects and
_Static_assert need constants and are left alone. This is a tokenizer, no parser: what it gets wrong does not compile, and run.py
drops such a mutant and says so.
"""
import argparse
import random
import re

TOKEN = re.compile(r"""
    (?P<pre>(?<![^\n])[ \t]*\#(?:\\\n|[^\n])*)
  | (?P<space>\s+|/\*.*?\*/|//[^\n]*)
  | (?P<text>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')
  | (?P<name>[A-Za-z_]\w*)
  | (?P<number>\.?\d(?:[eEpP][+-]|[\w.])*)
  | (?P<op>\.\.\.|<<=|>>=|->|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|.)
""", re.X | re.S)

OPENS, CLOSES = {"(": ")", "[": "]", "{": "}"}, {")", "]", "}"}
OTHER = {"==": "!=", "!=": "==", "<": "<=", "<=": "<", ">": ">=", ">=": ">"}
EQUAL, ORDER = {"==", "!="}, {"<", "<=", ">", ">="}
# Where an operand of a comparison ends: all that binds looser, and the words before which an expression begins.
LOOSER = {"&&", "||", "?", ":", ",", ";", "=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>=", "&", "|", "^"} | EQUAL
BEFORE = {"return", "case", "else", "do", "goto"}
FAMILIES = [
    ["EXIT_OK", "EXIT_VIOLATIONS", "EXIT_USAGE", "EXIT_INPUT", "EXIT_INTERNAL", "EXIT_HELPER", "EXIT_HELM"],
    ["STATUS_OK", "STATUS_REFUSED", "STATUS_USAGE", "STATUS_INPUT", "STATUS_FAILED", "STATUS_HELPER"],
    ["VERDICT_COMPLIANT", "VERDICT_PATCHED", "VERDICT_REFUSED", "VERDICT_UNREADABLE"],
    ["SEVERITY_UNSET", "SEVERITY_NOTE", "SEVERITY_WARNING", "SEVERITY_ERROR"],
    ["OUTCOME_PASS", "OUTCOME_WARN", "OUTCOME_FAIL", "OUTCOME_UNKNOWN", "OUTCOME_SKIP"],
]
FAMILY = {name: family for family in FAMILIES for name in family}


class Token:
    __slots__ = ("kind", "text", "at")

    def __init__(self, kind, text, at):
        self.kind, self.text, self.at = kind, text, at

    @property
    def end(self):
        return self.at + len(self.text)


class Place:
    """A range of a source and what a mutant has there. Its key says which place it is whatever stands above it."""

    def __init__(self, kind, path, source, function, start, end, mutated):
        self.kind, self.path, self.function, self.start, self.end, self.mutated = kind, path, function, start, end, mutated
        self.line = source.count("\n", 0, start) + 1
        self.was, self.becomes = " ".join(source[start:end].split()), " ".join(mutated.split())
        self.number = 0
        self.nth = 1

    @property
    def key(self):
        nth = f" #{self.nth}" if self.nth > 1 else ""
        return f"{self.path} {self.function}: {self.was} -> {self.becomes}{nth}"


def tokens_of(source):
    return [Token(m.lastgroup, m.group(), m.start()) for m in TOKEN.finditer(source) if m.lastgroup not in ("space", "pre")]


def match_brackets(tokens):
    pair, stack = {}, []
    for i, t in enumerate(tokens):
        if t.text in OPENS and t.kind == "op":
            stack.append(i)
        elif t.text in CLOSES and t.kind == "op" and stack:
            pair[i] = stack.pop()
            pair[pair[i]] = i
    return pair


def functions(tokens, pair):
    """(name, returns int, first, last) of each body, as indexes of its braces."""
    i, begin = 0, 0
    while i < len(tokens):
        t = tokens[i]
        if t.text == "{" and i and tokens[i - 1].text == ")" and i in pair:
            opening = pair[i - 1]
            head = [x.text for x in tokens[begin:opening - 1]]
            yield tokens[opening - 1].text, "int" in head and "*" not in head, i, pair[i]
        if t.text in OPENS and t.kind == "op":
            i = pair.get(i, i)
        if tokens[i].text in (";", "}"):
            begin = i + 1
        i += 1


def constant_ranges(tokens, pair, first, last):
    """Indexes of a body whose tokens must stay constant."""
    skip = set()
    i = first + 1
    while i < last:
        text = tokens[i].text
        end = None
        if text in ("static", "_Static_assert", "enum", "_Alignas"):
            end = i
            while end < last and tokens[end].text != ";":
                end = pair[end] if tokens[end].text in OPENS else end
                end += 1
        elif text == "case":
            end = i
            while end < last and tokens[end].text != ":":
                end += 1
        elif text == "[" and i + 1 < last:
            end = pair[i] if tokens[i - 1].kind == "name" and tokens[i - 2].kind == "name" else None
        if end is not None:
            skip.update(range(i, end + 1))
            i = end
        i += 1
    return skip


def operand(tokens, pair, i, step, first, last, stops):
    """The index of the last token of an operand, looking from the operator at i."""
    j, outer = i + step, None
    while first < j < last:
        t = tokens[j]
        if t.kind == "op" and (t.text in (CLOSES if step < 0 else OPENS)):
            outer = j = pair[j]
        elif t.kind == "op" and (t.text in OPENS or t.text in CLOSES):
            break
        elif (t.kind == "op" and t.text in stops and not is_unary(tokens, j)) or t.text in BEFORE:
            break
        else:
            outer = j
        j += step
    return outer


def is_unary(tokens, j):
    """`&` of an address, not of a number."""
    before = tokens[j - 1]
    return tokens[j].text == "&" and not (before.kind in ("name", "number", "text") and before.text not in BEFORE or before.text in (")", "]"))


def conditions(tokens, pair, first, last, skip):
    for i in range(first + 1, last):
        if tokens[i].text in ("if", "while") and tokens[i + 1].text == "(" and i not in skip:
            yield i + 2, pair[i + 1] - 1


def comparisons(tokens, pair, first, last, skip):
    for i in range(first + 1, last):
        t = tokens[i]
        if t.kind != "op" or t.text not in OTHER or i in skip:
            continue
        stops = LOOSER | ORDER if t.text in ORDER else LOOSER
        a, b = operand(tokens, pair, i, -1, first, last, stops), operand(tokens, pair, i, 1, first, last, stops)
        if a is not None and b is not None:
            yield a, b, i


def places(path, source):
    tokens = tokens_of(source)
    pair = match_brackets(tokens)
    found = []
    for name, is_int, first, last in functions(tokens, pair):
        skip = constant_ranges(tokens, pair, first, last)

        def add(kind, a, b, mutated, function=name):
            found.append(Place(kind, path, source, function, tokens[a].at, tokens[b].end, mutated))

        compared = list(comparisons(tokens, pair, first, last, skip))
        turned = {(a, b) for a, b, i in compared if tokens[i].text in EQUAL}
        for a, b in conditions(tokens, pair, first, last, skip):
            if (a, b) not in turned:
                add("condition", a, b, f"!({source[tokens[a].at:tokens[b].end]})")
        for a, b, i in compared:
            add("comparison", a, b, source[tokens[a].at:tokens[i].at] + OTHER[tokens[i].text] + source[tokens[i].end:tokens[b].end])
        for i in range(first + 1, last):
            text = tokens[i].text
            if i in skip or tokens[i].kind == "text":
                continue
            returned = tokens[i - 1].text == "return" and tokens[i + 1].text == ";"
            if returned and text in ("true", "false"):
                add("result", i, i, "false" if text == "true" else "true")
            elif returned and text == "0" and is_int:
                add("result", i, i, "-4")
            elif text in FAMILY:
                others = [x for x in FAMILY[text] if x != text]
                add("result", i, i, random.Random(f"{path} {name} {len(found)}").choice(others))
    found.sort(key=lambda p: (p.start, -p.end))
    seen = {}
    for p in found:
        p.nth = seen[p.key] = seen.get(p.key, 0) + 1
    return found


def without_overlaps(chosen):
    """In each other is fine, half over each other is not."""
    kept = []
    for p in sorted(chosen, key=lambda p: (p.start, -p.end)):
        if not any(q.start < p.start < q.end < p.end for q in kept):
            kept.append(p)
    return kept


def without_overlaps_of_files(chosen):
    paths = sorted({p.path for p in chosen})
    return [p for path in paths for p in without_overlaps([q for q in chosen if q.path == path])]


def render(source, chosen, start=0, end=None):
    """The source with the chosen places, each of which has a number, switchable."""
    end = len(source) if end is None else end
    chosen = sorted(chosen, key=lambda p: (p.start, -p.end))
    out, at = "", start
    while chosen:
        p = chosen.pop(0)
        inner = [q for q in chosen if q.end <= p.end]
        chosen = [q for q in chosen if q.end > p.end]
        out += source[at:p.start]
        out += f"(PXB_MUTANT({p.number}) ? ({p.mutated}) : ({render(source, inner, p.start, p.end)}))"
        at = p.end
    return out + source[at:end]


def mutated_source(path, source, chosen):
    return f'#include "mutants/switch.h"\n#line 1 "{path}"\n' + render(source, without_overlaps(chosen))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--all", action="store_true")
    parser.add_argument("files", nargs="+")
    args = parser.parse_args()
    for path in args.files:
        with open(path, encoding="utf-8") as f:
            source = f.read()
        found = places(path, source)
        for number, p in enumerate(found, 1):
            p.number = number
            if not args.all:
                print(f"{p.line} {p.function}: {p.was} -> {p.becomes}")
        if args.all:
            print(mutated_source(path, source, found), end="")


if __name__ == "__main__":
    main()
