package dockerfile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

// newLinter makes the linter that the check directive of the file asks for.
func (f *File) newLinter() error {
	options, _, _, _ := parser.ParseDirective("check", f.Source)
	config, err := linter.ParseLintOptions(options)
	if err != nil {
		return fmt.Errorf("failed to parse check options: %w", err)
	}
	config.Warn = func(rule, description, url, text string, location []parser.Range) {
		w := Warning{Rule: rule, Text: text, URL: url, Detail: description}
		w.Line, w.EndLine = Lines(location)
		f.Warnings = append(f.Warnings, w)
	}
	f.Linter = linter.New(config)
	return nil
}

// LintError is that the linter found something, if the check directive says that
// this is an error (error=true). BuildKit lists the rules in no order; here they
// are sorted.
func (f *File) LintError() error {
	if f.Linter.Error() == nil {
		return nil
	}
	rules := slices.Sorted(slices.Values(*f.Linter.CalledRules))
	return fmt.Errorf("lint violation found for rules: %s", strings.Join(slices.Compact(rules), ", "))
}

// lintStageNames warns of names that two stages have and of names that FROM and
// COPY --from keep for themselves.
func (f *File) lintStageNames(stages []instructions.Stage) {
	seen := map[string]bool{}
	for _, st := range stages {
		if st.Name == "" {
			continue
		}
		if st.Name == "context" || st.Name == "scratch" {
			f.Linter.Run(&linter.RuleReservedStageName, st.Location, linter.RuleReservedStageName.Format(st.Name))
		}
		if seen[st.Name] {
			f.Linter.Run(&linter.RuleDuplicateStageName, st.Location, linter.RuleDuplicateStageName.Format(st.Name))
		}
		seen[st.Name] = true
	}
}

// lintCasing warns of instructions that are not written in the letters, lower or
// upper, that most of the file's instructions are written in.
func (f *File) lintCasing(stages []instructions.Stage) {
	lower, upper := 0, 0
	count := func(name string) {
		switch name {
		case strings.ToLower(name):
			lower++
		case strings.ToUpper(name):
			upper++
		}
	}
	each := func(visit func(name string, at []parser.Range)) {
		for _, st := range stages {
			visit(st.OrigCmd, st.Location)
			for _, c := range st.Commands {
				visit(c.Name(), c.Location())
			}
		}
	}
	each(func(name string, _ []parser.Range) { count(name) })
	each(func(name string, at []parser.Range) {
		want, casing := strings.ToUpper(name), "uppercase"
		if lower > upper {
			want, casing = strings.ToLower(name), "lowercase"
		}
		if name != want {
			f.Linter.Run(&linter.RuleConsistentInstructionCasing, at, linter.RuleConsistentInstructionCasing.Format(name, casing))
		}
	})
}
