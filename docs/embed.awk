# Turns docs/rules/*.md into one C table: the text that `explain` prints.
BEGIN {
	print "#include \"rules/docs.h\"\n"
	print "const struct rule_doc rule_docs[] = {"
}
FNR == 1 {
	if (open)
		print "\t},"
	id = FILENAME
	sub(/.*\//, "", id)
	sub(/\.md$/, "", id)
	printf "\t{\"%s\",\n", id
	open = 1
}
{
	gsub(/\\/, "&&")
	gsub(/"/, "\\\"")
	printf "\t \"%s\\n\"\n", $0
}
END {
	if (open)
		print "\t},"
	print "};"
	print "const size_t rule_docs_n = sizeof(rule_docs) / sizeof(rule_docs[0]);"
}
