package build

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/distribution/reference"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/util/suggest"
)

// warn runs a rule of BuildKit's linter that is found while building. A comment
// "# check=skip=…" above an instruction holds for that instruction.
func (r *run) warn(rule linter.LinterRuleI, at []parser.Range, text string) {
	l := r.file.Linter
	if r.lint != nil {
		l = r.lint
	}
	l.Run(rule, at, text)
}

// lintDefaults warns of FROM lines that name no image unless a build argument is
// given.
func (r *run) lintDefaults() {
	e, err := r.metaArgs(r.globals, nil)
	if err != nil {
		return
	}
	for _, st := range r.file.Stages {
		res, err := r.lex().ProcessWordWithMatches(st.Base, e)
		if err != nil {
			return
		}
		if _, err := reference.ParseNormalizedNamed(res.Result); err != nil {
			r.warn(&linter.RuleInvalidDefaultArgInFrom, st.Cmd.Location, linter.RuleInvalidDefaultArgInFrom.Format(st.Base))
		}
	}
}

// lintFrom warns of variables in FROM that no ARG above declares.
func (r *run) lintFrom(unmatched map[string]struct{}, at []parser.Range) {
	known := map[string]bool{}
	for _, k := range r.globals.Keys() {
		known[k] = true
	}
	for _, m := range r.file.MetaArgs {
		for _, kv := range m.Cmd.Args {
			known[kv.Key] = true
		}
	}
	names := sortedKeys(known)
	for _, arg := range sortedKeys(unmatched) {
		if known[arg] {
			continue
		}
		match, _ := suggest.Search(arg, names, true)
		r.warn(&linter.RuleUndefinedArgInFrom, at, linter.RuleUndefinedArgInFrom.Format(arg, match))
	}
}

// lintUndefined warns of variables that an instruction uses and nothing sets.
func (r *run) lintUndefined(st *stage, at []parser.Range, unmatched map[string]struct{}) {
	for _, a := range st.args {
		delete(unmatched, a.Key)
	}
	for _, name := range sortedKeys(unmatched) {
		if notEnv[name] {
			continue
		}
		match, _ := suggest.Search(name, st.env.Keys(), true)
		r.warn(&linter.RuleUndefinedVar, at, linter.RuleUndefinedVar.Format(name, match))
	}
}

var (
	secretName = regexp.MustCompile(`(?i)(?:_|^)(?:apikey|auth|credential|credentials|key|password|pword|passwd|secret|token)(?:_|$)`)
	publicName = regexp.MustCompile(`(?i)(?:_|^)(?:public|file|version)(?:_|$)`)
)

// lintSecret warns of ARG and ENV names that sound like secrets, which they would
// write into the image for everyone to read.
func (r *run) lintSecret(instruction, name string, at []parser.Range) {
	if secretName.MatchString(name) && !publicName.MatchString(name) {
		r.warn(&linter.RuleSecretsUsedInArgOrEnv, at, linter.RuleSecretsUsedInArgOrEnv.Format(instruction, name))
	}
}

// lintOnce warns of an instruction of which only the last counts.
func (r *run) lintOnce(c instructions.Command, t *tracker) {
	if t.set {
		r.warn(&linter.RuleMultipleInstructionsDisallowed, t.at, linter.RuleMultipleInstructionsDisallowed.Format(c.Name()))
	}
	t.at, t.set = c.Location(), true
}

// lintJSON recommends the exec form of CMD and ENTRYPOINT.
func (r *run) lintJSON(c instructions.Command, st *stage) {
	if len(st.img.Config.Shell) == 0 {
		r.warn(&linter.RuleJSONArgsRecommended, c.Location(), linter.RuleJSONArgsRecommended.Format(c.Name()))
	}
}

// lintKeyValue recommends ENV K=V over ENV K V.
func (r *run) lintKeyValue(c instructions.Command, pairs instructions.KeyValuePairs) {
	for _, kv := range pairs {
		if kv.NoDelim {
			r.warn(&linter.RuleLegacyKeyValueFormat, c.Location(), linter.RuleLegacyKeyValueFormat.Format(c.Name()))
		}
	}
}

// lintPlatform reads --platform of a FROM line. The lab builds for one platform;
// what the flag says is checked and warned of, and no more.
func (r *run) lintPlatform(st *stage, flag string) error {
	if flag == "" {
		return nil
	}
	res, err := r.lex().ProcessWordWithMatches(flag, r.globals)
	r.lintFrom(res.Unmatched, st.at)
	if err != nil {
		return fmt.Errorf("failed to process arguments for platform %s: %w", res.Result, err)
	}
	if res.Result == "" {
		err := fmt.Errorf("empty platform value from expression %s", flag)
		for _, name := range sortedKeys(res.Unmatched) {
			err = suggest.WrapError(err, name, r.globals.Keys(), true)
		}
		return err
	}
	osName, arch, _ := strings.Cut(res.Result, "/")
	arch, _, _ = strings.Cut(arch, "/")
	if arch == "" {
		osName, arch = platformOS, osName
	}
	full, badPlatform := parsePlatform(res.Result)
	constant := badPlatform == nil && len(res.Matched) == 0 && len(res.Unmatched) == 0
	if constant && !(strings.Contains(st.as, osName) || strings.Contains(st.as, arch)) {
		r.warn(&linter.RuleFromPlatformFlagConstDisallowed, st.at, linter.RuleFromPlatformFlagConstDisallowed.Format(res.Result))
	}
	if _, ok := res.Matched["TARGETPLATFORM"]; ok && len(res.Matched) == 1 && len(res.Unmatched) == 0 {
		if v, _ := r.globals.Get("TARGETPLATFORM"); v == res.Result {
			r.warn(&linter.RuleRedundantTargetPlatform, st.at, linter.RuleRedundantTargetPlatform.Format(flag))
		}
	}
	if badPlatform != nil { // BuildKit names the place twice
		return fmt.Errorf("failed to parse platform %s: %w", flag, parser.WithLocation(badPlatform, st.at))
	}
	st.platform = full
	return nil
}

// lintBasePlatform warns of a base image that is for another platform than asked.
func (r *run) lintBasePlatform(st *stage) {
	want := st.platform
	if want == "" {
		want = platformOS + "/" + platformArch
	}
	if have := st.img.OS + "/" + st.img.Architecture; !strings.HasPrefix(want+"/", have+"/") {
		r.warn(&linter.RuleInvalidBaseImagePlatform, st.at, linter.RuleInvalidBaseImagePlatform.Format(st.orig, want, have))
	}
}
