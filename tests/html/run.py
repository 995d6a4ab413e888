#!/usr/bin/env python3
"""run.py --bin PXB-FED [--browser CHROMIUM] [-k WORD]: the HTML report in a real browser. Screenshots go to build/html."""
import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, HERE)
from browser import Browser, Page  # noqa: E402

parser = argparse.ArgumentParser()
parser.add_argument("--bin", default=os.path.join(ROOT, "build/pxb-fed"))
parser.add_argument("--browser", default="chromium")
parser.add_argument("-k", default="", help="only the tests with this word in their name")
args = parser.parse_args()
args.bin = os.path.abspath(args.bin)  # it is run in folders of its own

SHOTS = os.path.join(ROOT, "build/html")
MINI = os.path.join(ROOT, "tests/cases/base/mini.yaml")
POLICY = """apiVersion: pxb-fed/v1
kind: Policy
storageClassName: other
telemetry: forbidden
registry: {host: registry.example.com, pullSecret: x}
exceptions:
- {rule: image-registry, object: Deployment/px-backup, reason: "<b>pulled</b> by hand", expires: 2999-12-31}
"""


class Reports:
    """Pages of real runs and of reports made by hand, each made once."""

    def __init__(self, folder):
        self.folder, self.made = folder, {}
        self.env = {"PATH": os.environ["PATH"], "HOME": folder, "XDG_STATE_HOME": folder, "PXB_FED_POLICY": self.file("policy.yaml", "apiVersion: pxb-fed/v1\nkind: Policy\n")}

    def file(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        return path

    def run(self, name, arguments, text, code):
        page = os.path.join(self.folder, name + ".html")
        p = subprocess.run([args.bin, *arguments, "--report", "html=" + page], input=text.encode(), env=self.env, cwd=self.folder,
                           stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=60)
        assert p.returncode == code, (name, p.returncode, p.stderr)
        return page

    def hand_made(self, name):
        made = subprocess.run([sys.executable, os.path.join(ROOT, "tests/lib/made_report.py"), name], stdout=subprocess.PIPE, check=True).stdout
        os.makedirs(os.path.join(self.folder, "pxb-fed"), exist_ok=True)
        self.file("pxb-fed/last.json", made.decode())
        self.file(name + ".json", made.decode())
        page = os.path.join(self.folder, name + ".html")
        with open(page, "wb") as f:
            subprocess.run([args.bin, "explain", "--last", "-o", "html"], env=self.env, stdout=f, check=True, timeout=60)
        return page

    def __getitem__(self, name):
        if name not in self.made:
            self.made[name] = self.make(name)
        return self.made[name]

    def make(self, name):
        with open(MINI, encoding="utf-8") as f:
            mini = f.read()
        classic = mini.replace('PX_BACKUP_FEDERATED : "true"', 'PX_BACKUP_FEDERATED : "false"')
        if name == "compliant":
            return self.run(name, ["render"], mini, 0)
        if name == "patched":
            return self.run(name, ["render"], classic, 0)
        if name == "refused":
            return self.run(name, ["render", "-p", self.file("strict.yaml", POLICY)], classic, 1)
        if name == "unreadable":
            return self.run(name, ["render"], "a: [\n", 3)
        return self.hand_made(name)


REAL = "compliant", "patched", "refused", "unreadable"
ALL = REAL + ("hostile", "many")
tests = []


def test(f):
    tests.append(f)
    return f


def equal(got, want, what=""):
    assert got == want, "%s: got %r, wanted %r" % (what, got, want)


def shown(page):
    return page.evaluate("document.querySelectorAll('.finding:not([hidden])').length")


# --- what must hold for every page -----------------------------------------------------------------------------------

@test
def asks_for_nothing_but_itself(browser, reports):
    for name in ALL:
        page = Page(browser, reports[name])
        equal(page.requests(), ["file://" + reports[name]], name)
        equal(page.complaints(), [], name)
        page.close()


@test
def its_policy_stops_what_could_get_in(browser, reports):
    page = Page(browser, reports["refused"])
    page.evaluate("""new Promise(function (done) {
        document.addEventListener('securitypolicyviolation', function (e) { window.blocked = (window.blocked || '') + e.effectiveDirective + ' '; });
        var s = document.createElement('script'); s.textContent = 'window.ran = 1'; document.body.appendChild(s);
        var i = new Image(); i.onerror = function () { done(); }; i.src = 'http://evil.example/x.png'; document.body.appendChild(i);
    })""")
    equal(page.evaluate("window.ran"), None)
    blocked = page.evaluate("window.blocked || ''")
    assert "script-src" in blocked and "img-src" in blocked, blocked
    page.close()


@test
def text_is_text(browser, reports):
    page = Page(browser, reports["hostile"])
    equal(page.evaluate("document.querySelectorAll('img, iframe, object, embed, base, link, svg, b, u, s').length"), 0)
    equal(page.evaluate("document.querySelectorAll('script').length"), 1)
    equal(page.evaluate("Array.from(document.querySelectorAll('*')).filter(e => Array.from(e.attributes).some(a => /^on|^style$/i.test(a.name))).length"), 0)
    equal(page.evaluate("Array.from(document.querySelectorAll('a')).filter(e => !e.getAttribute('href').startsWith('#')).length"), 0)
    equal([e for e in browser.events if e.get("method") == "Page.javascriptDialogOpening"], [])
    # Every text of a finding is there, word for word; what is shown nowhere is in the list.
    text = page.evaluate("document.body.textContent")
    with open(os.path.join(reports.folder, "hostile.json"), encoding="utf-8") as f:
        made = json.load(f)
    not_shown = {"apiVersion", "found", "expected", "fingerprint"}
    for f in made["findings"]:
        fields = [f["source"], f["path"], f["message"], f["input"], f["notPatched"], *f["fix"], *(f["object"] or {}).values(), *(f["excepted"] or {}).values()]
        for t in fields:
            field, word = re.search(r"(\w+) (word-\d+) ", t).groups()
            if field in not_shown or (field in ("reason", "expires") and not f["excepted"]):
                continue
            assert "%s %s \"'><img src=x onerror=alert(1)></td></script><script>alert(2)</script>" % (field, word) in text, (field, word)
    for c in page.evaluate("Array.from(new Set(document.body.textContent)).map(c => c.codePointAt(0))"):
        assert c >= 32 or c in (9, 10), c
        assert not (0x80 <= c < 0xa0 or 0x2028 <= c <= 0x202e or c in (0x7f, 0xfeff, 0xfffe) or 0xe0000 <= c <= 0xe0fff), hex(c)
    page.close()


@test
def fits_a_phone(browser, reports):
    for name in ALL:
        for width in 320, 360, 768:
            page = Page(browser, reports[name], width=width, height=700)
            equal(page.evaluate("document.documentElement.scrollWidth"), width, name)
            page.close()


@test
def landmarks_headings_and_tables(browser, reports):
    for name in ALL:
        page = Page(browser, reports[name])
        tree = page.tree()
        roles = [role for role, _, _ in tree]
        for role in "banner", "navigation", "main", "contentinfo":
            equal(roles.count(role), 1, name + " " + role)
        equal(roles.count("search"), page.evaluate("document.querySelector('.finding') ? 1 : 0"), name)
        levels = [p["level"] for role, _, p in tree if role == "heading"]
        equal(levels[0], 1, name)
        equal(levels.count(1), 1, name)
        for before, after in zip(levels, levels[1:]):
            assert after <= before + 1, (name, levels)
        assert all(n.strip() for role, n, _ in tree if role in ("heading", "link", "button", "textbox", "searchbox", "checkbox", "region")), name
        equal(page.evaluate("Array.from(document.querySelectorAll('th')).filter(e => !e.scope).length"), 0, name)
        equal(page.evaluate("Array.from(document.querySelectorAll('table')).filter(e => !e.caption).length"), 0, name)
        # What scrolls by itself can be reached by keyboard.
        equal(page.evaluate("Array.from(document.querySelectorAll('*')).filter(e => /auto|scroll/.test(getComputedStyle(e).overflowX) && e.tabIndex < 0 && e !== document.documentElement && e !== document.body).length"), 0, name)
        assert "columnheader" in roles and "rowheader" in roles, name
        # Links lead somewhere, ids are unique.
        equal(page.evaluate("Array.from(document.querySelectorAll('a')).filter(e => !document.getElementById(e.getAttribute('href').slice(1))).length"), 0, name)
        equal(page.evaluate("(function () { var ids = Array.from(document.querySelectorAll('[id]')).map(e => e.id); return ids.length - new Set(ids).size; })()"), 0, name)
        page.close()


CONTRAST = """(function () {
    function parse(c) { var m = c.match(/[\\d.]+/g).map(Number); return m.length < 4 ? m.concat(1) : m; }
    function light(c) { return c.slice(0, 3).map(function (x) { x /= 255; return x <= 0.03928 ? x / 12.92 : Math.pow((x + 0.055) / 1.055, 2.4); })
        .reduce(function (sum, x, i) { return sum + x * [0.2126, 0.7152, 0.0722][i]; }, 0); }
    function background(e) {
        for (; e; e = e.parentElement) { var c = parse(getComputedStyle(e).backgroundColor); if (c[3] > 0) return c; }
        return matchMedia('(prefers-color-scheme: dark)').matches ? [0, 0, 0, 1] : [255, 255, 255, 1];
    }
    var bad = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), node;
    while ((node = walk.nextNode())) {
        var e = node.parentElement, s = getComputedStyle(e);
        if (!node.data.trim() || /^(SCRIPT|STYLE)$/.test(e.tagName) || !e.checkVisibility()) continue;
        var a = light(parse(s.color)), b = light(background(e)), ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        var large = parseFloat(s.fontSize) >= 24 || (parseFloat(s.fontSize) >= 18.66 && s.fontWeight >= 700);
        if (ratio < (large ? 3 : 4.5)) bad.push(e.className + ' ' + node.data.trim().slice(0, 20) + ' ' + ratio.toFixed(2));
    }
    return bad;
})()"""


@test
def contrast_in_light_and_dark(browser, reports):
    for name in REAL + ("hostile",):
        grounds = set()
        for dark in False, True:
            page = Page(browser, reports[name], dark=dark)
            equal(page.evaluate(CONTRAST), [], "%s dark=%s" % (name, dark))
            grounds.add(page.evaluate("getComputedStyle(document.body).backgroundColor"))
            page.close()
        equal(len(grounds), 2, name)


# --- what it says ----------------------------------------------------------------------------------------------------

@test
def verdict_matrix_and_fixes(browser, reports):
    for name, word in ("compliant", "Compliant"), ("patched", "Repaired"), ("refused", "Refused"), ("unreadable", "Unreadable"):
        page = Page(browser, reports[name])
        equal(page.evaluate("document.querySelector('h1').textContent"), word, name)
        page.close()
    page = Page(browser, reports["refused"])
    with open(reports["refused"], encoding="utf-8") as f:
        assert "&lt;b&gt;pulled&lt;/b&gt; by hand" in f.read()
    cells = page.evaluate("""Object.fromEntries(Array.from(document.querySelectorAll('.matrix tbody tr')).map(function (row) {
        var rules = Array.from(document.querySelectorAll('.matrix thead th.rule')).map(h => h.textContent);
        return [row.querySelector('th').textContent, Object.fromEntries(Array.from(row.querySelectorAll('td')).map((d, i) => [rules[i], (d.querySelector('.vh') || d).textContent]).filter(p => p[1]))];
    }))""")
    assert "storage-class" in cells["PersistentVolumeClaim central/pxcentral-mysql-pvc"], cells
    assert re.fullmatch(r"\d+, worst: (excepted|error)", cells["Deployment central/px-backup"]["image-registry"]), cells
    equal(sorted(cells), sorted(set(cells)))
    total = sum(int(re.search(r"\d+", text).group()) for row in cells.values() for text in row.values())
    equal(total, page.evaluate("document.querySelectorAll('.finding').length"))
    assert "--set pxbackup.federated=true" in page.evaluate("document.querySelector('#h-values').parentNode.querySelector('code').textContent")
    equal(page.evaluate("document.querySelector('.finding .source mark').textContent")[:1] in "\"'px", True)
    page.close()


@test
def a_compliant_run_shows_what_was_looked_at(browser, reports):
    page = Page(browser, reports["compliant"])
    rules = page.evaluate("Object.fromEntries(Array.from(document.querySelectorAll('.rules tbody tr')).map(r => [r.querySelector('th').textContent, r.querySelector('td').textContent]))")
    equal(rules["federated-flag"], "passed")
    equal(rules["image-registry"], "not run")  # the policy names no registry
    equal(set(rules.values()), {"passed", "not run"})
    page.close()
    page = Page(browser, reports["unreadable"])
    rules = page.evaluate("Object.fromEntries(Array.from(document.querySelectorAll('.rules tbody tr')).map(r => [r.querySelector('th').textContent, r.querySelector('td').textContent]))")
    equal(rules["stream"], "1 error")
    equal(rules["federated-flag"], "not run")
    page.close()


# --- the keyboard ----------------------------------------------------------------------------------------------------

def tab_to(page, what):
    for _ in range(200):
        page.key("Tab")
        if page.evaluate("document.activeElement.matches(%s)" % json.dumps(what)):
            return
    raise AssertionError("Tab never comes to " + what)


@test
def filter_by_keyboard(browser, reports):
    page = Page(browser, reports["refused"])
    whole = shown(page)
    page.key("Tab")
    assert page.evaluate("document.activeElement.className === 'skip' && document.activeElement.getBoundingClientRect().left >= 0"), "the skip link is first, and seen"
    page.key("Enter")
    tab_to(page, "#words")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none", "the focus is seen"
    page.write("storage-class pxcentral-mysql")
    some = shown(page)
    assert 0 < some < whole, (some, whole)
    equal(page.evaluate("Array.from(document.querySelectorAll('.finding:not([hidden])')).every(f => /pxcentral-mysql/.test(f.textContent))"), True)
    equal(page.evaluate("document.getElementById('count').textContent"), "%d of %d findings" % (some, whole))
    live = [(n, p) for role, n, p in page.tree() if role == "status"]
    equal([p.get("live") for _, p in live], ["polite"])
    # To the findings, along them, and back.
    page.key("ArrowDown")
    equal(page.evaluate("document.activeElement.className.split(' ')[0] + ' ' + document.activeElement.hidden"), "finding false")
    assert page.evaluate("document.activeElement.getBoundingClientRect().top >= document.getElementById('filter').getBoundingClientRect().bottom - 1 || getComputedStyle(document.getElementById('filter')).position === 'static'"), "the filter hides what has the focus"
    first = page.evaluate("document.activeElement.textContent")
    if some > 1:
        page.key("ArrowDown")
        assert page.evaluate("document.activeElement.textContent") != first
        page.key("ArrowUp")
        equal(page.evaluate("document.activeElement.textContent"), first)
    page.key("ArrowUp")
    equal(page.evaluate("document.activeElement.id"), "words")
    page.key("Enter")
    page.key("Escape")
    equal(page.evaluate("document.activeElement.id + document.activeElement.value"), "words")
    equal(shown(page), whole)
    equal(page.evaluate("document.getElementById('count').textContent"), "%d findings" % whole)
    # Nothing fits: the groups go too.
    page.write("no such thing")
    equal(shown(page), 0)
    equal(page.evaluate("document.querySelectorAll('.group:not([hidden])').length"), 0)
    equal(page.evaluate("document.getElementById('count').textContent"), "0 of %d findings" % whole)
    page.close()


@test
def filter_by_kind(browser, reports):
    page = Page(browser, reports["refused"])
    kinds = page.evaluate("Array.from(document.querySelectorAll('#filter input[type=checkbox]')).map(b => b.value)")
    equal(set(kinds), set(page.evaluate("Array.from(document.querySelectorAll('.finding')).map(f => f.dataset.kind)")))
    tab_to(page, "#filter input[value=error]")
    page.key(" ")
    equal(page.evaluate("document.querySelectorAll('.finding[data-kind=error]:not([hidden])').length"), 0)
    equal(shown(page), page.evaluate("document.querySelectorAll('.finding:not([data-kind=error])').length"))
    page.key(" ")
    equal(shown(page), page.evaluate("document.querySelectorAll('.finding').length"))
    page.close()


@test
def options_can_be_copied(browser, reports):
    page = Page(browser, reports["refused"])
    browser.call("Browser.grantPermissions", permissions=["clipboardReadWrite", "clipboardSanitizedWrite"])
    equal(page.evaluate("document.querySelectorAll('.copied').length"), page.evaluate("document.querySelectorAll('.copied button').length"))
    tab_to(page, ".copied button")
    want = page.evaluate("document.activeElement.parentNode.querySelector('code').textContent")
    page.key("Enter")
    got = page.evaluate("navigator.clipboard ? navigator.clipboard.readText() : getSelection().toString()")
    equal(got, want)
    page.close()


# --- without a script, on paper, and large ------------------------------------------------------------------------------

@test
def whole_without_its_script(browser, reports):
    page = Page(browser, reports["refused"], script=False)
    tree = page.tree()
    equal([n for role, n, _ in tree if role in ("search", "button", "searchbox")], [])
    with_script = Page(browser, reports["refused"])
    count = shown(with_script)
    with_script.close()
    equal(sum(role == "article" for role, _, _ in tree), count)
    page.close()


@test
def on_paper(browser, reports):
    page = Page(browser, reports["refused"], media="print", dark=True)
    equal(page.evaluate("Array.from(document.querySelectorAll('nav, .filter, .skip, .copied button')).filter(e => e.checkVisibility()).length"), 0)
    equal(page.evaluate("getComputedStyle(document.body).backgroundColor"), "rgb(255, 255, 255)")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    equal(page.evaluate("document.querySelectorAll('details:not([open])').length"), 0)
    pdf = page.call("Page.printToPDF")["data"]
    assert len(pdf) > 10000
    page.close()


@test
def a_large_report_has_an_end(browser, reports):
    assert os.path.getsize(reports["many"]) < 4 << 20
    page = Page(browser, reports["many"])
    assert page.evaluate("document.querySelectorAll('*').length") < 100000
    equal(shown(page), 2000)
    assert "of 10000" in page.evaluate("document.getElementById('findings').textContent")
    equal(page.evaluate("document.querySelectorAll('.matrix tbody tr').length"), 200)
    assert "And 4800 more objects" in page.evaluate("document.getElementById('matrix').textContent")
    page.key("Tab")
    page.key("Enter")  # the skip link: hundreds of cells stand in between
    page.key("Tab")
    equal(page.evaluate("document.activeElement.id"), "words")
    page.write("message-3")
    assert 0 < shown(page) < 2000
    page.close()


@test
def screenshots(browser, reports):
    os.makedirs(SHOTS, exist_ok=True)
    for name in REAL + ("hostile",):
        for width in 360, 1280:
            for dark in False, True:
                page = Page(browser, reports[name], width=width, height=2000, dark=dark)
                path = os.path.join(SHOTS, "%s-%d-%s.png" % (name, width, "dark" if dark else "light"))
                page.screenshot(path, whole=False)
                assert os.path.getsize(path) > 10000, path
                page.close()


def main():
    passed = failed = 0
    with tempfile.TemporaryDirectory(prefix="pxb-fed-html-") as folder:
        reports, browser = Reports(folder), Browser(args.browser)
        try:
            for t in tests:
                if args.k not in t.__name__:
                    continue
                try:
                    t(browser, reports)
                    passed += 1
                except (AssertionError, RuntimeError, KeyError) as e:
                    failed += 1
                    line = traceback.extract_tb(e.__traceback__)[1].lineno
                    print("FAIL %s, line %d: %s" % (t.__name__, line, str(e)[:2000]))
        finally:
            browser.close()
    print("html: %d passed, %d failed" % (passed, failed))
    return failed > 0 or passed == 0


sys.exit(main())
