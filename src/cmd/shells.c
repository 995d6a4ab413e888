/*
 * shells.c: completion scripts for bash, zsh and fish. Each asks `pxb-fed completion -- WORD ...`, so none has a list
 * of its own. An answer has one candidate a line, "WORD\tDESCRIPTION", and ends with ":4" where files are no
 * candidates;
 * ":6" also leaves out the blank behind the word.
 */
#include "cmd/cmd.h"

/* bash cuts words at "=": without the "=" alone, "--output=js" is completed as "--output js" is. */
static const char bash[] = "# For one shell: source <(pxb-fed completion bash)\n"
			   "_pxb_fed() {\n"
			   "\tlocal line directive= word\n"
			   "\tlocal -a typed=()\n"
			   "\tCOMPREPLY=()\n"
			   "\tfor word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
			   "\t\t[ \"$word\" = = ] || typed+=(\"$word\")\n"
			   "\tdone\n"
			   "\tword=${COMP_WORDS[COMP_CWORD]}\n"
			   "\ttyped+=(\"${word#=}\")\n"
			   "\twhile IFS= read -r line; do\n"
			   "\t\tcase $line in\n"
			   "\t\t:[0-9]*) directive=${line#:} ;;\n"
			   "\t\t?*) COMPREPLY+=(\"${line%%$'\\t'*}\") ;;\n"
			   "\t\tesac\n"
			   "\tdone < <(\"${COMP_WORDS[0]}\" completion -- \"${typed[@]}\" 2>/dev/null)\n"
			   "\tif [ \"$directive\" = 6 ]; then compopt -o nospace; fi\n"
			   "\tif [ -z \"$directive\" ] && [ ${#COMPREPLY[@]} -eq 0 ]; then compopt -o default; fi\n"
			   "}\n"
			   "complete -F _pxb_fed pxb-fed\n";

static const char zsh[] = "#compdef pxb-fed\n"
			  "# As a file named _pxb-fed in a folder of $fpath, or: source <(pxb-fed completion zsh)\n"
			  "_pxb-fed() {\n"
			  "\tlocal line directive= word\n"
			  "\tlocal -a candidates blank\n"
			  "\twhile IFS= read -r line; do\n"
			  "\t\tcase $line in\n"
			  "\t\t:[0-9]*) directive=${line#:} ;;\n"
			  "\t\t*$'\\t'*)\n"
			  "\t\t\tword=${line%%$'\\t'*}\n"
			  "\t\t\tcandidates+=(\"${word//:/\\\\:}:${line#*$'\\t'}\")\n"
			  "\t\t\t;;\n"
			  "\t\t?*) candidates+=(\"${line//:/\\\\:}\") ;;\n"
			  "\t\tesac\n"
			  "\tdone < <(\"${words[1]}\" completion -- \"${(@)words[2,CURRENT]}\" 2>/dev/null)\n"
			  "\tif [[ $directive == 6 ]]; then blank=(-S ''); fi\n"
			  "\tif (( $#candidates )); then\n"
			  "\t\t_describe pxb-fed candidates $blank\n"
			  "\telif [[ -z $directive ]]; then\n"
			  "\t\t_files\n"
			  "\tfi\n"
			  "}\n"
			  "if [[ ${funcstack[1]-} == _pxb-fed ]]; then\n"
			  "\t_pxb-fed \"$@\"\n"
			  "else\n"
			  "\tcompdef _pxb-fed pxb-fed\n"
			  "fi\n";

static const char fish[] = "# For one shell: pxb-fed completion fish | source\n"
			   "function __pxb_fed_answer\n"
			   "\tset -l typed (commandline -opc)\n"
			   "\t$typed[1] completion -- $typed[2..-1] (commandline -ct) 2>/dev/null\n"
			   "end\n"
			   "function __pxb_fed_candidates\n"
			   "\t__pxb_fed_answer | string match -v -r '^:[0-9]+$'\n"
			   "end\n"
			   "function __pxb_fed_answers\n"
			   "\ttest (count (__pxb_fed_answer)) -gt 0\n"
			   "end\n"
			   "complete -c pxb-fed -n __pxb_fed_answers -f -a '(__pxb_fed_candidates)'\n";

const char *shell_completion(const char *shell)
{
	static const struct {
		const char *name, *script;
	} shells[] = {{"bash", bash}, {"zsh", zsh}, {"fish", fish}};

	for (size_t i = 0; i < ARRAY_SIZE(shells); i++)
		if (strcmp(shell, shells[i].name) == 0)
			return shells[i].script;
	return NULL;
}
