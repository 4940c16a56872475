package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"verdict/processor"
	"verdict/processor/codec"
	"verdict/rules"
)

func newDecideCommand() *cobra.Command {
	var flags configFlags
	var d decideCommand
	cmd := &cobra.Command{
		Use:   "decide [FILE|-]",
		Short: "Decide events from a file, without Kafka, by the same code as run",
		Long: `Reads raw events, one JSON object per line, from FILE or the standard input, and prints what each means.

--input says how they are written: canonical (the default), as a provider sends them to webhooks, or auto, which recognises
each line by its shape. docs/formats.md has them all.

--format table: a line for a person. --format json: for each input line, an empty one too, one line
  {"decision":{...}}                                with the fields of the decision contract, or
  {"dead_letter":{"reason":"...","detail":"..."}}   for a line that can never be decided.
--explain adds the catalog's rule behind outcome, category, billing and retry, in words (as "explanation" in json).

As a record's coordinates, a decision's source has FILE ("-" is the standard input), partition 0 and the line's number
minus 1 as offset. An event without occurred_at is dated by --at, by default the time of this run. The key of a record is
taken to be its verification_id. Of the settings only catalog.dir, metadata.keys and limits.* count.

Exit code 0 also with dead letters; with --strict 3 then.`,
		Example: `  verdict decide events.jsonl
  verdict decide --explain events.jsonl
  verdict decide --input yousign webhooks.jsonl
  verdict decide --input fourthline --product document_authentication notifications.jsonl
  verdict decide --format json - < events.jsonl | jq -r .decision.outcome
  echo '{"provider":"yousign","product":"video","verification_id":"v-1","status":"inconclusive","codes":[1301]}' | verdict decide --explain`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := d.parse(); err != nil {
				return err
			}
			cfg, err := flags.load()
			if err != nil {
				return err
			}
			file := ""
			if len(args) == 1 {
				file = args[0]
			}
			return d.run(cfg, file, cmd.InOrStdin(), cmd.OutOrStdout())
		},
	}
	flags.add(cmd)
	cmd.Flags().StringVar(&d.format, "format", "table", "`table` or json")
	cmd.Flags().StringVar(&d.input, "input", canonicalFormat, "`FORMAT` of the events: "+strings.Join(codec.Formats(), ", "))
	cmd.Flags().StringVar(&d.product, "product", "", "`PRODUCT` of events that do not name it, with --input "+productFormats())
	cmd.Flags().BoolVar(&d.explain, "explain", false, "say which rule of the catalog gave each result")
	cmd.Flags().BoolVar(&d.strict, "strict", false, "exit with 3 if there are dead letters")
	cmd.Flags().StringVar(&d.at, "at", "", "`TIME` (RFC 3339) for events without occurred_at")
	completeFormats(cmd)
	_ = cmd.RegisterFlagCompletionFunc("input", cobra.FixedCompletions(codec.Formats(), cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

type decideCommand struct {
	format, at      string
	input, product  string
	explain, strict bool
	inputFormat     codec.Format
	time            time.Time
}

func (d *decideCommand) parse() (err error) {
	if err := checkFormat(d.format); err != nil {
		return err
	}
	if d.inputFormat, err = codec.ParseFormat(d.input); err != nil {
		return wrongCall("--input %s: write %s", d.input, orList(codec.Formats()))
	}
	if d.product != "" && d.inputFormat.ProductOf() == nil {
		return wrongCall("--product is for --input %s; other values name their product", productFormats())
	}
	d.time = time.Now()
	if d.at != "" {
		if d.time, err = time.Parse(time.RFC3339Nano, d.at); err != nil {
			return wrongCall("--at %s: write a time such as 2026-11-20T08:00:00Z", d.at)
		}
	}
	return nil
}

// keyedDecoder gives each record the key that it should have: a line of a file has none, and to call that an anomaly would
// say nothing about the event.
type keyedDecoder struct{ *codec.Decoder }

func (k keyedDecoder) Decode(r *processor.Record, e *processor.Event) error {
	err := k.Decoder.Decode(r, e)
	r.Key = []byte(e.VerificationID)
	return err
}

// newOfflineProcessor makes the processor of run for canonical events, with JSON output and without a registry.
func newOfflineProcessor(cfg *loadedConfig, catalog *rules.Catalog) *processor.Processor {
	return newInputProcessor(cfg, catalog, codec.FormatCanonical, "")
}

// newInputProcessor does the same for another format, and a product where that does not name it.
func newInputProcessor(cfg *loadedConfig, catalog *rules.Catalog, format codec.Format, product string) *processor.Processor {
	options := cfg.decoderOptions(nil)
	options.Formats = map[string]codec.Format{"": format}
	options.Products = map[string]string{"": product}
	return processor.New(catalog, keyedDecoder{codec.NewDecoder(options)}, codec.NewJSONEncoder(), cfg.processorOptions())
}

// printer shows what became of each line, and at the end what there is to say about all.
type printer interface {
	print(line int, res *processor.Result) error
	flush() error
	finish() error
}

func (d *decideCommand) run(cfg *loadedConfig, file string, stdin io.Reader, stdout io.Writer) error {
	catalog, err := cfg.loadCatalog()
	if err != nil {
		return err
	}
	if problem := productProblem(catalog, d.input, d.product); d.product != "" && problem != "" {
		return wrongCall("--product: %s", problem)
	}
	if isTerminal(stdin) && (file == "" || file == "-") {
		fmt.Fprintln(stdout, "Type one event per line; Ctrl-D ends.")
	}
	name, lines, err := openLines(file, stdin)
	if err != nil {
		return err
	}
	defer lines.close()
	lines.most = int(cfg.Limits.ValueBytes)
	out := bufio.NewWriterSize(stdout, 64<<10)
	core := newInputProcessor(cfg, catalog, d.inputFormat, d.product)
	lineCount, rejected, err := d.decideLines(core, name, lines, d.printer(catalog, out, stdout))
	if flushErr := out.Flush(); err == nil {
		err = flushErr
	}
	if err == nil && d.strict && rejected > 0 {
		return &commandError{fmt.Errorf("%d of %s became dead letters", rejected, count(lineCount, "line")), exitRejected}
	}
	return err
}

func (d *decideCommand) printer(catalog *rules.Catalog, out *bufio.Writer, stdout io.Writer) printer {
	if d.format == "json" {
		return &jsonPrinter{out: out, explain: d.explain, catalog: catalog}
	}
	return &linePrinter{out: out, paint: newPaint(stdout), columns: columnsOf(stdout), explain: d.explain, catalog: catalog, counts: newSummary()}
}

func (d *decideCommand) decideLines(p *processor.Processor, name string, lines *lineReader, show printer) (n, rejected int, err error) {
	topic := strings.ToValidUTF8(name, "\uFFFD") // a file's name is any bytes, a decision's source is text
	var res processor.Result
	for {
		if lines.idle() {
			if err := show.flush(); err != nil {
				return n, rejected, err
			}
		}
		line, err := lines.next()
		if errors.Is(err, io.EOF) {
			return n, rejected, show.finish()
		}
		if err != nil {
			return n, rejected, fmt.Errorf("%s line %d: %w", name, n+1, err)
		}
		record := processor.Record{Topic: topic, Offset: int64(n), Timestamp: d.time.UnixMilli(), Value: line}
		if lines.cut() {
			p.TooLarge(&record, processor.ValueTooLarge(lines.length, lines.most).Detail, &res)
		} else if err := p.Process(&record, &res); err != nil {
			return n, rejected, err
		}
		n++
		if res.Rejection != nil {
			rejected++
		}
		if err := show.print(n, &res); err != nil {
			return n, rejected, err
		}
	}
}

func checkFormat(format string) error {
	if format != "table" && format != "json" {
		return wrongCall("--format %s: write table or json", format)
	}
	return nil
}

func completeFormats(cmd *cobra.Command) {
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions([]string{"table", "json"}, cobra.ShellCompDirectiveNoFileComp))
}
