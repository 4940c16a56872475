package pipeline

import (
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"verdict/cmd/verdict/cases"
	"verdict/cmd/verdict/config"
	"verdict/processor"
	"verdict/processor/codec"
	"verdict/rules"
)

// LoadCases reads the built-in cases and those beside the rules that the settings name. Those of the rules that lie
// over all others come last, and must pass; answers of the others may have been changed by these.
func LoadCases(c *config.Loaded) ([]*cases.Suite, error) {
	builtIn, err := rules.LoadCases(rules.EmbeddedFS())
	if err != nil {
		return nil, fmt.Errorf("the built-in cases are broken:\n%w", err)
	}
	suites := []*cases.Suite{{Cases: builtIn}}
	for _, dir := range rulesDirs(c) {
		suites[len(suites)-1].Others = true
		files, err := onDisk(dir.path)
		if err != nil {
			return nil, fmt.Errorf("%s%w", c.Place(dir.key), err)
		}
		own, err := dir.cases(c, files)
		if err != nil {
			return nil, err
		}
		suites = append(suites, own)
	}
	return suites, nil
}

func (d rulesDir) cases(c *config.Loaded, files fs.FS) (*cases.Suite, error) {
	own, err := rules.LoadCases(files)
	if err != nil {
		return nil, fmt.Errorf("%sthe cases in %s cannot be used:\n%w", c.Place(d.key), d.path, inDir(d.path, err))
	}
	unread, err := unreadCases(files)
	if err != nil {
		return nil, fmt.Errorf("%scannot list %s: %w", c.Place(d.key), d.path, err)
	}
	return &cases.Suite{Dir: d.path, Cases: own, Unread: unread}, nil
}

// unreadCases names directories that nearly have the name of that with the cases.
func unreadCases(files fs.FS) (names []string, err error) {
	entries, err := fs.ReadDir(files, ".")
	for _, e := range entries {
		near := slices.Contains([]string{rules.CasesDir, "case", "test", "tests"}, strings.ToLower(e.Name()))
		if e.IsDir() && near && e.Name() != rules.CasesDir {
			names = append(names, e.Name())
		}
	}
	return names, err
}

// TestOwn runs the cases of the operator's own rules, as a start does, each on the rules that it lies beside: others
// over these may change its answer. Without such rules there is no report. The error names each case that fails.
func TestOwn(c *config.Loaded, version string, r *Rules) (*cases.Report, error) {
	return testOwn(c, version, r, onDisk)
}

// testOwn is TestOwn with what gives the files of a directory.
func testOwn(c *config.Loaded, version string, r *Rules, open opener) (*cases.Report, error) {
	dirs := rulesDirs(c)
	if len(dirs) == 0 {
		return nil, nil //nolint:nilnil // there are none to report on, and nothing is wrong
	}
	all := &cases.Report{}
	for i, dir := range dirs {
		files, err := open(dir.path)
		if err != nil {
			return nil, fmt.Errorf("%s%w", c.Place(dir.key), err)
		}
		suite, err := dir.cases(c, files)
		if err != nil {
			return nil, err
		}
		report, err := TestRules(c, version, r.below(len(dirs)-1-i), []*cases.Suite{suite})
		if err != nil {
			return nil, err
		}
		all.Suites, all.Results = append(all.Suites, suite), append(all.Results, report.Results...)
	}
	return all, all.Err()
}

// TestRules runs cases on rules, and those of an operator's rules below on these. It needs nothing but them: neither
// Kafka nor a registry. The suites are those of LoadCases, or the rules' own.
func TestRules(c *config.Loaded, version string, r *Rules, suites []*cases.Suite) (*cases.Report, error) {
	for i, s := range suites {
		beside := r
		if s.Others && s.Dir != "" {
			beside = r.below(len(suites) - 1 - i)
			s.Beside = decider(c, version, beside, suites[i:i+1])
		}
		if s.Others && s.Dir == "" {
			continue // those of the program are right; what they name may be gone from the rules
		}
		if err := cases.Check(s.Cases, beside.Formats); err != nil {
			return nil, fmt.Errorf("the cases %s cannot be used:\n%w", s.Where(), inDir(s.Dir, err))
		}
	}
	return cases.Test(decider(c, version, r, suites), suites)
}

// decider decides the cases of suites by rules.
func decider(c *config.Loaded, version string, r *Rules, suites []*cases.Suite) *cases.Decider {
	topics := map[string]codec.TopicOptions{}
	for _, s := range suites {
		maps.Copy(topics, cases.Topics(s.Cases))
	}
	options := decoderOptions(c, r, nil)
	options.Topics = topics
	choices := processorOptions(c, version)
	choices.PublishRepeats, choices.Off = false, [processor.NumRoutes]bool{}
	p := processor.New(r.Catalog, cases.Keyed(codec.NewDecoder(options)), codec.NewJSONEncoder(), choices)
	return &cases.Decider{Processor: p, Catalog: r.Catalog, Formats: r.Formats, Where: r.Where}
}
