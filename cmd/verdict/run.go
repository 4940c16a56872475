package main

import (
	"github.com/spf13/cobra"

	"verdict/cmd/verdict/pipeline"
	"verdict/cmd/verdict/show"
)

func newRunCommand() *cobra.Command {
	var flags configFlags
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Read raw events from Kafka, decide, publish, until stopped",
		Long: `Reads the raw topics, decides each record and publishes decisions, billing events, risk events and dead
letters, in one transaction with the offsets (delivery: exactly_once, the default).

` + settingsText + `

SIGTERM or SIGINT: the open transactions are finished, the group is left, exit code 0, within shutdown_timeout; past
that exit code 1. A second signal ends the process at once, with exit code 143 or 130. In each case nothing is lost
and, exactly once, nothing is published twice.

The rules' files are looked at every catalog.reload_interval, and on SIGHUP: others that stand all tests are taken over,
or else refused with an error in the log, and those before go on.

While it runs, http.address serves /healthz, /readyz (503 and the reason while it cannot make progress) and /metrics.`,
		Example: `  verdict run --config verdict.yaml
  VERDICT_KAFKA_BROKERS=kafka:9092 VERDICT_OUTPUT_FORMAT=json verdict run
  verdict run --set output.format=json --set kafka.group=verdict-test`,
		Args: atMost(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := flags.load()
			if err != nil {
				return err
			}
			if err := cfg.CheckRun(); err != nil {
				return err
			}
			log := pipeline.NewLogger(cmd.ErrOrStderr(), cfg.Log.Level, cfg.Log.Format)
			ctx, stop := untilSignal(cmd.Context(), log)
			defer stop()
			pipeline.BoundMemory()
			asked, release := hangups() // before the rules are read: one that comes while they are must not end it
			defer release()
			p, err := pipeline.New(cfg, version(), log)
			if err != nil {
				return err
			}
			p.Hangups, p.Differs = asked, show.ChangesOver
			return p.Serve(ctx, nil)
		},
	}
	flags.add(cmd)
	return cmd
}
