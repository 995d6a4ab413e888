#!/usr/bin/env python3
"""One assertion a line: one_assertion.py FILE.bats ...

A test ends at a command that fails, except to the left of `&&` and `||` and after `!`: an assertion there proves nothing, and
the commands of a function called there do not end it either. These are therefore refused, outside of conditions:
  - `&&`, except after `cd DIR`
  - `||`, unless it decides no result: `|| skip`, `|| continue`, `|| break`, `|| name=value`, and `|| :` after a command that
    is not one of the helpers in *.bash
  - `!` before a command
"""
import glob
import os
import re
import sys

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
HARMLESS = re.compile(r"(skip|continue|break)\b|[A-Za-z_]\w*=")
HEREDOC = re.compile(r"<<(-?)(?!<)\s*(['\"]?)(\w+)\2")
# Where one command ends and the next begins.
BETWEEN = re.compile(r"(&&|\|\||;;|;|\||\n|\(|\)|(?<!\S)[{}](?=[\s;]))")
OPENS_CONDITION = {"if", "elif", "while", "until"}
ENDS_CONDITION = {"then", "do", "else"}
# They run the program and assert nothing.
RUNNERS = {"pxb", "split", "clean", "helm", "kubectl", "fed"}


def assertions():
    """The names of the helpers' functions."""
    found = set()
    for path in glob.glob(os.path.join(ROOT, "tests/**/*.bash"), recursive=True):
        with open(path, encoding="utf-8") as f:
            found |= set(re.findall(r"^([a-z_]\w*)\(\)", f.read(), re.M))
    return found - RUNNERS


def without_heredocs(text):
    out, ends = [], []
    for line in text.split("\n"):
        if ends:
            dash, word = ends[0]
            if (line.lstrip("\t") if dash else line) == word:
                ends.pop(0)
            line = ""
        elif not line.lstrip().startswith("#"):
            ends = [(m.group(1), m.group(3)) for m in HEREDOC.finditer(line)]
        out.append(line)
    return "\n".join(out)


def balanced(text, at, opening, closing):
    """The end of what opens at `at`."""
    depth = 0
    for i in range(at, len(text)):
        depth += {opening: 1, closing: -1}.get(text[i], 0)
        if not depth:
            return i + 1
    return len(text)


def code_only(text):
    """The same text, as long, with `_` for quoted texts, expansions and comments. Commands in "$(...)" stay."""
    out, i, quoted = [], 0, [False]

    def hide(end):
        nonlocal i
        out.append(re.sub(r"[^\n]", "_", text[i:end]))
        i = end

    while i < len(text):
        if text[i] == "\\":
            hide(i + 2)
        elif text.startswith("((", i) and not quoted[-1] or text.startswith("$((", i):
            hide(text.index("))", i) + 2)
        elif text.startswith("${", i):
            hide(balanced(text, i + 1, "{", "}"))
        elif text.startswith("$(", i) or text[i] == "(" and not quoted[-1]:
            quoted.append(False)
            out.append(text[i:].startswith("$") and " (" or "(")
            i += len(out[-1])
        elif text[i] == ")" and not quoted[-1] and len(quoted) > 1:
            quoted.pop()
            out.append(")")
            i += 1
        elif text[i] == '"':
            if quoted[-1]:
                quoted.pop()
            else:
                quoted.append(True)
            hide(i + 1)
        elif quoted[-1]:
            hide(i + 1)
        elif text[i] == "'":
            hide(text.index("'", i + 1) + 1)
        elif text[i] == "#" and (i == 0 or text[i - 1] in " \t\n;"):
            hide((text + "\n").index("\n", i))
        else:
            out.append(text[i])
            i += 1
    return "".join(out)


def check(path, helpers):
    with open(path, encoding="utf-8") as f:
        text = f.read()
    bad, line, condition, before, left = [], 1, False, "\n", ""
    parts = BETWEEN.split(code_only(without_heredocs(text)).replace("\\\n", " \n"))
    for command, after in zip(parts[::2], parts[1::2] + ["\n"]):
        words = command.split()
        while words and words[0] in OPENS_CONDITION | ENDS_CONDITION:
            condition = words.pop(0) in OPENS_CONDITION
        if not condition:
            if words[:1] == ["!"]:
                bad.append((line, "'!' before a command"))
            if before == "&&" and left != "cd":
                bad.append((line, f"'&&' after '{left}'"))
            decided = HARMLESS.match(" ".join(words)) or (words[:1] == [":"] and left not in helpers)
            if before == "||" and not decided:
                bad.append((line, f"'||' after '{left}'"))
        if words:
            left = words[0]
        line += after.count("\n")
        before = after
    return [f"{path}:{n}: {what}: {text.splitlines()[n - 1].strip()[:100]}" for n, what in bad]


def main(paths):
    helpers = assertions()
    found = [line for path in paths for line in check(path, helpers)]
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
