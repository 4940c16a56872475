// Package check says whether all is there that a process needs, and what to do where it is not.
package check

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"verdict/cmd/verdict/config"
	"verdict/cmd/verdict/pipeline"
	"verdict/cmd/verdict/screen"
	"verdict/cmd/verdict/show"
	"verdict/processor"
	"verdict/processor/codec"
	"verdict/processor/kafka"
	"verdict/rules"
	"verdict/rules/wording"
)

// connectTimeout bounds what --connect asks of the cluster, and of the registry.
const connectTimeout = 30 * time.Second

func within(ctx context.Context, ask func(context.Context)) {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	ask(ctx)
}

// Run checks what a process with these settings needs, one line a point; with connect it asks the cluster and the
// registry too. The error is a config.Mistakes where settings do not fit together.
func Run(ctx context.Context, cfg *config.Loaded, connect bool, out io.Writer) error {
	c := &checker{out: screen.Wrapped(out, len("ok      ")), paint: screen.NewPaint(out), cfg: cfg}
	mistakes := c.settings()
	c.fits = mistakes == nil
	c.catalog()
	if mistakes != nil {
		return mistakes
	}
	c.schemas()
	c.avroInput()
	if connect {
		within(ctx, c.cluster)
		within(ctx, c.registry)
	}
	return c.verdict(connect)
}

type checker struct {
	out    io.Writer
	paint  screen.Paint
	cfg    *config.Loaded
	kafka  kafka.Config
	fits   bool            // the settings do, and kafka is made of them
	rules  *pipeline.Rules // nil: they cannot be used
	failed int
}

// point prints one result. A problem may have several lines.
func (c *checker) point(name string, problem error, cure string) {
	if problem == nil {
		fmt.Fprintf(c.out, "%s  %s\n", c.paint.As(screen.Green, "ok    "), name)
		return
	}
	c.failed++
	const indent = "\n        "
	fmt.Fprintf(c.out, "%s  %s: %s\n", c.paint.As(screen.Red, "FAILED"), name,
		strings.ReplaceAll(problem.Error(), "\n", indent))
	if cure != "" {
		fmt.Fprintf(c.out, "        cure: %s\n", strings.ReplaceAll(cure, "\n", indent+"      "))
	}
}

// note adds to the point before it, in one or more lines.
func (c *checker) note(text string) {
	fmt.Fprintf(c.out, "        %s\n", strings.ReplaceAll(text, "\n", "\n          "))
}

// warn is about what is no failure, yet may not be meant.
func (c *checker) warn(text string) {
	fmt.Fprintf(c.out, "%s  %s\n", c.paint.As(screen.Yellow, "warn  "), text)
}

// settings returns what is wrong between settings. The catalog alone does not rest on them.
func (c *checker) settings() error {
	err := c.cfg.CheckRun()
	if err == nil {
		c.kafka, err = pipeline.KafkaConfig(c.cfg)
	}
	if err == nil {
		if mistakes := pipeline.CheckTopicSettings(c.cfg, c.kafka, nil); len(mistakes) > 0 {
			err = mistakes
		}
	}
	if err == nil {
		c.point(fmt.Sprintf("configuration: %s set, the others are the defaults",
			wording.Count(c.cfg.Changed(), "key")),
			nil, "")
		return nil
	}
	problem := errors.New("told below; the other points rest on it")
	if mistakes, ok := errors.AsType[config.Mistakes](err); ok {
		problem = fmt.Errorf("%s, %w", wording.Count(len(mistakes), "mistake"), problem)
	}
	c.point("configuration", problem, "")
	return err
}

func (c *checker) catalog() {
	loaded, err := pipeline.ReadRules(c.cfg)
	if err != nil {
		cure := "correct the lines above; `verdict catalog --export DIR` writes the built-in files to compare with"
		_, readable := errors.AsType[rules.Mistakes](err)
		if !readable {
			cure = "correct the directory that the setting names, or leave the setting out: without catalog.overlay " +
				"nothing lies over the catalog, and without catalog.dir it is the built-in one"
		}
		c.point("catalog", err, cure)
		if _, wrong := pipeline.LoadCases(c.cfg); wrong != nil && readable {
			c.point("cases", wrong, caseCure)
		}
		return
	}
	catalog := loaded.Catalog
	statuses, codes := 0, 0
	for _, v := range catalog.Vocabularies() {
		statuses += len(v.Statuses)
		codes += len(v.Codes)
	}
	c.point(fmt.Sprintf("catalog %s: %s, %s, %s", catalog.Version,
		wording.Count(len(catalog.Vocabularies()), "vocabulary"), wording.Count(statuses, "status"),
		wording.Count(codes, "code")), nil, "")
	c.changes(loaded)
	c.rules = loaded
	c.cases()
	if mistakes := pipeline.CheckOverdue(c.cfg, catalog); mistakes != nil {
		c.point("overdue notices", errors.New(strings.Join(mistakes, "\n")), "")
	}
	if mistakes := pipeline.CheckTopicSettings(c.cfg, c.kafka, catalog); mistakes != nil && c.fits {
		c.point("settings of topics", errors.New(strings.Join(mistakes, "\n")), "")
	}
	if mistakes := loaded.CheckTopics(c.cfg); mistakes != nil {
		c.point("formats and products of the raw topics", errors.New(strings.Join(mistakes, "\n")),
			"name what the catalog has; leave a product out where producers send the header "+codec.HeaderProduct)
	}
}

const caseCure = "correct rules or cases; `verdict test` with the same settings tells each difference"

// cases runs those of the operator's own rules, with which a run does not start if one fails.
func (c *checker) cases() {
	report, err := pipeline.TestOwn(c.cfg, "", c.rules)
	switch {
	case err != nil:
		c.point("cases", err, caseCure)
	case report == nil:
		return
	default:
		for _, s := range report.Suites {
			if len(s.Cases) > 0 {
				c.point("cases: "+wording.Count(len(s.Cases), "case")+" "+s.Where(), nil, "")
			}
		}
	}
	if report == nil {
		return
	}
	for _, s := range report.Suites {
		for _, text := range s.Warnings() {
			c.warn(text)
		}
	}
	if finished := report.Finished(); finished != nil {
		c.warn("cases pass that are marked with todo, remove the marks:")
		c.note(strings.Join(finished, "\n"))
	}
}

// changes lists what the operator's catalog and overlay do otherwise, each than what it replaces. That is their right,
// and so no failure.
func (c *checker) changes(loaded *pipeline.Rules) {
	builtIn := rules.Embedded()
	own, base := loaded, loaded.Base()
	if base != nil {
		own = base
	}
	if dir := c.cfg.Catalog.Dir; dir != "" {
		what := ""
		if base != nil {
			what = "the catalog " + own.Catalog.Version + " in " + dir
		}
		c.against(what, "the built-in catalog "+builtIn.Version, show.Changes(own.Catalog, builtIn))
		c.otherCharges(builtIn, own)
	}
	switch {
	case base == nil:
		return
	case c.cfg.Catalog.Dir == "":
		c.against("", "the built-in catalog "+builtIn.Version, show.Changes(loaded.Catalog, builtIn))
	default:
		c.against("the overlay in "+c.cfg.Catalog.Overlay,
			"the catalog "+base.Catalog.Version+" in "+c.cfg.Catalog.Dir,
			show.ChangesOver(loaded.Catalog, base.Catalog))
	}
	c.otherCharges(base.Catalog, loaded)
}

// against notes what a catalog decides otherwise than another. what names it, or is "" where it is the one that the
// line above has.
func (c *checker) against(what, other string, lines []string) {
	switch {
	case len(lines) == 0 && what == "":
		c.note("it decides as " + other + " does")
	case len(lines) == 0:
		c.note(what + " decides as " + other + " does")
	case what == "":
		c.note("against " + other + ":\n" + strings.Join(lines, "\n"))
	default:
		c.note(what + ", against " + other + ":\n" + strings.Join(lines, "\n"))
	}
}

// otherCharges warns of what is charged otherwise than before, and may not be meant.
func (c *checker) otherCharges(before *rules.Catalog, loaded *pipeline.Rules) {
	for _, text := range loaded.Warnings(before, time.Now()) {
		c.warn(text)
	}
}

// avroInput warns of what only a record of tomorrow would tell.
func (c *checker) avroInput() {
	if len(c.cfg.Registry.URLs) > 0 {
		return
	}
	var names []string
	for _, t := range c.cfg.Topics.Raw {
		if t.Format == codec.Canonical || t.Format == codec.Auto {
			names = append(names, t.Name)
		}
	}
	if names != nil {
		c.warn(fmt.Sprintf("without registry.url, Avro records of %s become dead letters (unknown_schema): set it if "+
			"producers write Avro",
			strings.Join(names, ", ")))
	}
}

func (c *checker) schemas() {
	if c.cfg.Output.Format != "avro" {
		c.point("schemas: not needed, output.format is "+c.cfg.Output.Format, nil, "")
		return
	}
	var purposes []string
	outputs := c.cfg.Outputs()
	for _, r := range processor.EncodedRoutes() {
		if outputs[r] != "" {
			purpose, _, _ := strings.Cut(r.Spec().Purpose, ":")
			purposes = append(purposes, purpose)
		}
	}
	last := len(purposes) - 1
	list := purposes[last]
	if last > 0 {
		list = strings.Join(purposes[:last], ", ") + " and " + list
	}
	c.point("schemas of "+list, codec.CheckSchemas(), "the program is broken: take another release")
}

func (c *checker) cluster(ctx context.Context) {
	var catalog *rules.Catalog
	if c.rules != nil {
		catalog = c.rules.Catalog
	}
	for _, f := range pipeline.CheckCluster(ctx, c.cfg, c.kafka, catalog) {
		switch {
		case f.Warn:
			c.warn(f.Point + ": " + f.Problem)
			c.note("cure: " + f.Cure)
		case f.OK && f.Problem != "":
			c.point(f.Point+": "+f.Problem, nil, "")
		case f.OK:
			c.point(f.Point, nil, "")
		default:
			c.point(f.Point, errors.New(f.Problem), f.Cure)
		}
	}
}

func (c *checker) registry(ctx context.Context) {
	if len(c.cfg.Registry.URLs) == 0 {
		return
	}
	name := "registry " + strings.Join(c.cfg.Registry.URLs, ", ")
	registry, err := pipeline.NewRegistry(c.cfg)
	if err != nil {
		c.point(name, err, "correct the registry.* settings")
		return
	}
	defer registry.Close()
	if err := registry.Ping(ctx); err != nil {
		c.point("registry", err,
			"start it, or correct registry.url, registry.username, registry.password or registry.ca_file")
		return
	}
	c.point(name+" answers", nil, "")
	if c.cfg.Output.Format == "avro" {
		c.registered(ctx, registry)
	}
}

func (c *checker) verdict(connected bool) error {
	if c.failed > 0 {
		return fmt.Errorf("%s failed", wording.Count(c.failed, "point"))
	}
	if !connected {
		fmt.Fprintln(c.out, "\nNothing was asked of the cluster or the registry: --connect does that.")
	}
	return nil
}
