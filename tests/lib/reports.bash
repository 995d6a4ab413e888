# What reads the forms of a report, as their users do.

# report FORMAT FILE: FILE is a report of that form, as its readers want it
report() {
	[ -s "$2" ] || { echo "$2 is empty"; return 1; }
	case $1 in
	text) tail -n 1 "$2" | grep -qE '^pxb-fed: (compliant|patched|refused|unreadable): ' ;;
	json) json "$2" 'r["schema"] == 2' ;;
	sarif) json "$2" 'r["version"] == "2.1.0" and len(r["runs"]) == 1' ;;
	junit) junit "$2" True ;;
	html) grep -q '^<!doctype html>' "$2" && grep -q '^</html>$' "$2" ;;
	github) tail -n 1 "$2" | grep -qE '^pxb-fed: (compliant|patched|refused|unreadable): ' ;;
	markdown) head -n 2 "$2" | grep -qE '^### pxb-fed: (compliant|patched|refused|unreadable)$' ;;
	esac || { echo "no $1 report:"; head -c 600 "$2"; return 1; }
}

# junit FILE EXPRESSION over t (names of the cases, with the tags below them) and s (the suite): the shape is right, and it holds
junit() {
	python3 - "$1" "$2" <<-'PY'
		import sys, xml.etree.ElementTree as E
		root = E.parse(sys.argv[1]).getroot()
		suites = list(root)
		assert root.tag == "testsuites" and [x.tag for x in suites] == ["testsuite"], root
		s = suites[0]
		cases = s.findall("testcase")
		assert all(set(c.keys()) == {"classname", "name", "time"} for c in cases)
		assert all(x.tag in ("failure", "error", "skipped", "system-out") for c in cases for x in c)
		assert len({c.get("name") for c in cases}) == len(cases), "a name appears twice"
		for of in root, s:
		    assert int(of.get("tests")) == len(cases)
		    assert int(of.get("failures")) == sum(c.find("failure") is not None for c in cases)
		    assert int(of.get("errors")) == sum(c.find("error") is not None for c in cases)
		assert int(s.get("skipped")) == sum(c.find("skipped") is not None for c in cases)
		t = {c.get("name"): [x.tag for x in c] for c in cases}
		assert eval(sys.argv[2]), (sys.argv[2], t)
	PY
}

# rendered FILE EXPRESSION over h (the HTML that GitHub's own renderer makes of a comment)
rendered() {
	cmark-gfm --unsafe -e table -e autolink -e strikethrough -e tagfilter "$1" | python3 -c '
import html, re, sys
h = sys.stdin.read()
sys.exit(not eval(sys.argv[1]))' "$2" || { echo "not so: $2"; head -c 3000 "$1"; return 1; }
}
