// Package demo shows the pipeline at work, on a Kafka of its own, to somebody who has nothing installed.
package demo

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync/atomic"

	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"verdict/cmd/verdict/config"
	"verdict/cmd/verdict/events"
	"verdict/cmd/verdict/local"
	"verdict/cmd/verdict/pipeline"
	"verdict/cmd/verdict/screen"
	"verdict/processor"
	"verdict/processor/codec"
	"verdict/processor/kafka"
	"verdict/rules/wording"
)

// Options say what to show.
type Options struct {
	Events   []events.Line // without keys; none: the samples
	File     string        // where Events came from
	Once     bool          // end when all are decided; otherwise go on until the context is done
	Rate     float64       // generated events per second after that
	Set      []string      // "key=value" of each --set
	Version  string        // of the program
	Out, Err io.Writer
}

// Check refuses settings that would make the demo work on a cluster that is not its own.
func (o *Options) Check() error {
	if err := events.CheckRate(o.Rate); err != nil {
		return err
	}
	for _, s := range o.Set {
		key, _, _ := strings.Cut(s, "=")
		if key == "kafka.brokers" || key == "kafka.group" || strings.HasPrefix(key, "kafka.tls.") ||
			strings.HasPrefix(key, "kafka.sasl.") ||
			strings.HasPrefix(key, "registry.") {
			return fmt.Errorf("--set %s: the demo has its own Kafka and registry; for another cluster, use verdict run",
				key)
		}
		if key == "state.repeats" {
			return fmt.Errorf("--set %s: the demo publishes repeats, to show them; leave it out", key)
		}
	}
	return nil
}

// demo is a demonstration under way.
type demo struct {
	Options
	cluster *local.Cluster
	cfg     *config.Loaded
	rules   *pipeline.Rules
	log     *zap.Logger
	address atomic.Pointer[string] // of health and metrics, once they are there
}

// Run shows the pipeline at work on a Kafka of its own.
func Run(ctx context.Context, o Options) (err error) {
	d := &demo{Options: o}
	if d.Events == nil {
		if d.Events, err = events.Samples(); err != nil {
			return err
		}
	}
	if d.cluster, err = local.Start(ctx); err != nil {
		return err
	}
	defer d.cluster.Stop()
	if d.cfg, err = config.Load(config.Sources{Set: append(settings(d.cluster), d.Set...)}); err != nil {
		return err
	}
	if err := d.cfg.CheckRun(); err != nil {
		return err
	}
	raw := d.cfg.Topics.Raw[0]
	if d.rules, err = pipeline.LoadRules(d.cfg); err != nil {
		return err
	}
	events.SetKeys(d.Events, d.rules.Formats, codec.TopicOptions{Format: raw.Format, Product: raw.Product})
	if err := d.createTopics(); err != nil {
		return err
	}
	d.log = pipeline.NewLogger(d.Err, d.cfg.Log.Level, "console")
	return d.watch(ctx)
}

// settings point a run at the cluster. The short interval shows each decision at once; the samples are of two formats;
// of a repeat that is not published nothing could be shown.
func settings(c *local.Cluster) []string {
	return []string{
		"kafka.brokers=" + c.Broker(), "registry.url=" + c.RegistryURL(), "http.address=127.0.0.1:0",
		"batch.commit_interval=20ms", "log.level=warn", "topics.raw=idv.raw.v1:auto", "output.format=json",
		"state.repeats=" + config.RepeatsPublish,
	}
}

// outputPartitions of an output topic: more than one, so that the keys can be seen at work.
const outputPartitions = 3

// createTopics makes the topics; the raw ones have one partition, so that the output can be shown in the order of the
// input, and so have the changelogs.
func (d *demo) createTopics() error {
	for _, t := range d.cfg.Topics.Raw {
		if err := d.cluster.CreateTopics(1, t.Name); err != nil {
			return err
		}
		if !d.cfg.StateOn() {
			continue
		}
		changelog := kafka.Changelog(d.cfg.Kafka.Group, t.Name)
		if err := d.cluster.Kafka.CreateTopic(changelog, 1,
			map[string]string{"cleanup.policy": "compact"}); err != nil {
			return err
		}
	}
	return d.cluster.CreateTopics(outputPartitions, d.cfg.OutputTopics()...)
}

// watch runs the pipeline and everything around it until all is decided (Once) or ctx is done.
func (d *demo) watch(ctx context.Context) error {
	w, err := newWatcher(d.cluster, d.cfg, d.rules, d.Out)
	if err != nil {
		return err
	}
	defer w.close()
	line, err := pipeline.New(d.cfg, d.Version, d.log)
	if err != nil {
		return err
	}
	if !d.Once {
		w.onceShown(len(d.Events), d.repeatAddresses)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	group, running := errgroup.WithContext(ctx)
	listening := make(chan string, 1)
	group.Go(func() error { return line.Serve(running, func(address string) { listening <- address }) })
	group.Go(func() error {
		select {
		case address := <-listening:
			d.address.Store(&address)
			d.introduce()
		case <-running.Done():
			return nil
		}
		return d.feed(running)
	})
	group.Go(func() error {
		if d.Once {
			w.wanted = len(d.Events)
			defer cancel()
		}
		return w.follow(running)
	})
	if err := group.Wait(); err != nil {
		return err
	}
	return w.finish()
}

// introduce says what this is and where else to look.
func (d *demo) introduce() {
	fmt.Fprintln(d.Out, screen.NewPaint(d.Out).As(screen.Bold, screen.Wrap("Verdict demo: Kafka, schema registry and "+
		"`verdict run` in one process, on loopback only", screen.TextWidth(d.Out), "")))
	what := wording.Count(len(d.Events), "sample event")
	if d.File != "" {
		what = wording.Count(len(d.Events), "event") + " of " + d.File
	}
	if d.Once {
		fmt.Fprintf(d.Out, "%s, read back from the output topics, read committed\n\n", what)
		return
	}
	d.writeAddresses()
	then := screen.Either(d.Rate > 0, fmt.Sprintf(", then %g generated ones a second", d.Rate), "")
	fmt.Fprintf(d.Out, "%s%s, until Ctrl-C:\n\n", what, then)
}

// repeatAddresses says below the events what has scrolled away above them.
func (d *demo) repeatAddresses() {
	fmt.Fprintln(d.Out)
	d.writeAddresses()
	fmt.Fprintln(d.Out)
}

func (d *demo) writeAddresses() {
	address := *d.address.Load()
	kcat := "kcat -b " + d.cluster.Broker()
	outputs := d.cfg.Outputs()
	read := func(route processor.Route) string {
		values := screen.Either(d.cfg.Output.Format == "avro", " -s value=avro -r "+d.cluster.RegistryURL(), " | jq .")
		return kcat + " -Ce -t " + outputs[route] + values
	}
	t := screen.Table{}
	t.Row("  broker", kcat+" -L")
	t.Row("  decisions", read(processor.RouteDecision))
	if outputs[processor.RouteVerification] != "" {
		t.Row("  current words", read(processor.RouteVerification))
	}
	t.Row("  state", "verdict state stats --set kafka.brokers="+d.cluster.Broker())
	t.Row("  dead letters", kcat+" -Ce -t "+outputs[processor.RouteDeadLetter]+` -f '%h\n%s\n\n'`)
	t.Row("  your events", kcat+" -P -K '|' -t "+d.cfg.Topics.Raw[0].Name+"  # ID|EVENT")
	t.Row("  registry", "curl -s "+d.cluster.RegistryURL()+"/subjects")
	t.Row("  health", "curl -s "+address+"/readyz")
	t.Row("  metrics", "curl -s "+address+"/metrics | grep ^verdict_ | grep -v ' 0$'")
	fmt.Fprintln(d.Out, "Look for yourself, in another terminal:")
	_ = t.Write(d.Out)
}
