# Turns report.css and report.js into C strings, with the hashes that the page's own policy names: a browser runs and
# applies these texts and nothing else. Called with -v css=HEX -v js=HEX, their SHA-256 sums.
function base64(hex,   digits, out, i, n) {
	digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	out = ""
	for (i = 1; i <= length(hex); i += 6) {
		n = number(substr(hex, i, 6))
		out = out substr(digits, int(n / 262144) + 1, 1) substr(digits, int(n / 4096) % 64 + 1, 1)
		out = out substr(digits, int(n / 64) % 64 + 1, 1) substr(digits, n % 64 + 1, 1)
	}
	# 32 bytes: the last group has two.
	return substr(out, 1, 43) "="
}
function number(hex,   i, n) {
	n = 0
	for (i = 1; i <= 6; i++)
		n = n * 16 + (i <= length(hex) ? index("0123456789abcdef", substr(hex, i, 1)) - 1 : 0)
	return n
}
BEGIN {
	print "#include \"report/html.h\"\n"
	printf "const char html_css_hash[] = \"%s\";\nconst char html_js_hash[] = \"%s\";\n", base64(css), base64(js)
}
FNR == 1 {
	if (NR > 1)
		print "\t;"
	printf "const char %s[] =\n", FILENAME ~ /\.css$/ ? "html_css" : "html_js"
}
{
	gsub(/\\/, "&&")
	gsub(/"/, "\\\"")
	printf "\t\"%s\\n\"\n", $0
}
END { print "\t;" }
