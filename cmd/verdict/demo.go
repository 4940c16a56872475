package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"
)

func newDemoCommand() *cobra.Command {
	d := &demo{}
	cmd := &cobra.Command{
		Use:   "demo [FILE]",
		Short: "See it work: a Kafka, a registry and run in this one process",
		Long: `Starts an in-process Kafka and schema registry on loopback ports, runs the same pipeline as ` + "`verdict run`" + ` against them (exactly
once), produces sample events of all vocabularies, bad ones too, and prints each decision and dead letter as they are read
back from the output topics, read committed. Then it goes on with generated events until Ctrl-C, and ends with a summary.
Nothing is installed, kept or sent anywhere.

With FILE: your own events or providers' webhook bodies, one JSON object per line, instead of the samples; each is read by its shape
(topics.raw has the format auto). Environment and configuration files do not
count here; --set does, for example output.format=json, so that kcat shows readable values.`,
		Example: `  verdict demo
  verdict demo --once
  verdict demo --rate 50
  verdict demo my-events.jsonl --once --set catalog.dir=my-catalog`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if d.rate < 0 {
				return wrongCall("--rate %g: write 0 or more", d.rate)
			}
			if len(args) == 1 {
				d.file = args[0]
			}
			d.in, d.out, d.err = cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr()
			return d.run(cmd.Context())
		},
	}
	cmd.Flags().BoolVar(&d.once, "once", false, "end when all sample events (or FILE's) are decided")
	cmd.Flags().Float64Var(&d.rate, "rate", 5, "generated `EVENTS` per second after that; 0 for none")
	cmd.Flags().StringArrayVar(&d.set, "set", nil, "a setting as `KEY=VALUE`; repeatable")
	_ = cmd.RegisterFlagCompletionFunc("set", completeKeys)
	return cmd
}

type demo struct {
	file     string
	once     bool
	rate     float64
	set      []string
	in       io.Reader
	out, err io.Writer
}

func (d *demo) run(ctx context.Context) error {
	lines, err := d.events()
	if err != nil {
		return err
	}
	if err := d.staysHere(); err != nil {
		return err
	}
	cluster, err := startCluster(ctx)
	if err != nil {
		return err
	}
	defer cluster.stop()
	cfg, err := loadConfig(configSources{set: append(cluster.settings(), d.set...)})
	if err != nil {
		return err
	}
	if err := cfg.checkRun(); err != nil {
		return err
	}
	if err := cluster.createTopics(cfg); err != nil {
		return err
	}
	log := newLogger(d.err, cfg.Log.Level, "console")
	ctx, stop := untilSignal(ctx, log)
	defer stop()
	return d.watch(ctx, cluster, cfg, lines, func(ctx context.Context, listening func(string)) error {
		return runPipeline(ctx, cfg, log, listening)
	})
}

// staysHere refuses settings that would make the demo work on a cluster that is not its own.
func (d *demo) staysHere() error {
	for _, s := range d.set {
		key, _, _ := strings.Cut(s, "=")
		if key == "kafka.brokers" || key == "kafka.group" || strings.HasPrefix(key, "kafka.tls.") || strings.HasPrefix(key, "kafka.sasl.") ||
			strings.HasPrefix(key, "registry.") {
			return wrongCall("--set %s: the demo has its own Kafka and registry; for another cluster, use verdict run", key)
		}
	}
	return nil
}

// watch runs the pipeline and everything around it until all is decided (--once) or ctx is done.
func (d *demo) watch(ctx context.Context, cluster *cluster, cfg *loadedConfig, lines []keyedLine, pipeline func(context.Context, func(string)) error) error {
	catalog, err := cfg.loadCatalog()
	if err != nil {
		return err
	}
	w, err := newWatcher(cluster, cfg, catalog, d.out)
	if err != nil {
		return err
	}
	defer w.close()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	group, running := errgroup.WithContext(ctx)
	web := make(chan string, 1)
	group.Go(func() error { return pipeline(running, func(address string) { web <- address }) })
	group.Go(func() error {
		select {
		case address := <-web:
			d.introduce(cluster, cfg, address, len(lines))
		case <-running.Done():
			return nil
		}
		return d.feed(running, cluster, cfg, lines)
	})
	group.Go(func() error {
		if d.once {
			w.wanted = len(lines)
		}
		defer func() {
			if d.once {
				cancel()
			}
		}()
		return w.follow(running)
	})
	if err := group.Wait(); err != nil {
		return err
	}
	return w.finish()
}

// introduce says what this is and where else to look.
func (d *demo) introduce(cluster *cluster, cfg *loadedConfig, web string, events int) {
	p := newPaint(d.out)
	fmt.Fprintf(d.out, "%s\n", p.as(bold, "Verdict demo: Kafka, schema registry and `verdict run` in one process, on loopback only"))
	what := "sample events"
	if d.file != "" {
		what = "events of " + d.file
	}
	if d.once {
		fmt.Fprintf(d.out, "%d %s, read back from the output topics, read committed\n\n", events, what)
		return
	}
	avro := ""
	if cfg.Output.Format == "avro" {
		avro = " -s value=avro -r " + cluster.registryURL() + "   # a kcat without Avro: --set output.format=json"
	}
	broker := cluster.broker()
	t := table{}
	t.row("  broker", "kcat -b "+broker+" -L")
	t.row("  decisions", "kcat -b "+broker+" -C -e -t "+cfg.Topics.Decisions+avro)
	t.row("  dead letters", "kcat -b "+broker+" -C -e -t "+cfg.Topics.DeadLetter+` -f '%h\n%s\n\n'`)
	t.row("  your own events", "kcat -b "+broker+" -P -K '|' -t "+cfg.Topics.Raw[0].Name+"   # type: VERIFICATION_ID|EVENT")
	t.row("  registry", "curl -s "+cluster.registryURL()+"/subjects")
	t.row("  health", "curl -s http://"+web+"/readyz")
	t.row("  metrics", "curl -s http://"+web+"/metrics | grep ^verdict_ | grep -v ' 0$'")
	fmt.Fprintln(d.out, "Look for yourself, in another terminal:")
	_ = t.write(d.out)
	then := fmt.Sprintf(", then %g generated ones a second", d.rate)
	fmt.Fprintf(d.out, "%d %s%s, until Ctrl-C:\n\n", events, what, either(d.rate > 0, then, ""))
}
