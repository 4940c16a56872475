package main

import (
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"verdict/cmd/verdict/pipeline"
	"verdict/cmd/verdict/screen"
	"verdict/cmd/verdict/status"
)

const statusHelp = `Says how the group of the settings is getting on: who is in it, which partitions each member has,
how many records wait and since when, when the group last committed and by which rules. What is wrong comes first, then
the partitions, the worst first, the members, and those that could not be asked.

Kafka alone says most of it; it needs DESCRIBE on the group and on all topics, and READ
on the raw ones. Why a partition is
held, or its state still being restored, only its instance knows: each is asked for GET /status, at --instance or else
at the host of each member and the port of http.address, all at once, a second at most.

  LAG     offsets from the group's to the last that is committed; 0 where no
          record is among them
  OLDEST  how long the first record that waits has been in the topic, by its
          timestamp
  COMMIT  how long ago the group's offset was committed; of several
          partitions the longest
  STATE   ok, or the worst that is said of it

It reads one record of each partition at most, writes nothing, and is no member of the group.

Exit code 0 if all is well; 3 if a partition is held, a record waits for longer than --max-age, a topic is missing, or
records wait and nobody is in the group; 1 if it could not tell, be it of an instance that is named. With --watch it is
that of the last look.`

func newStatusCommand() *cobra.Command {
	var flags configFlags
	var o status.Options
	var format string
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Say how a group is getting on: who has what, what waits, what is wrong",
		Long:  statusHelp + "\n\n" + settingsText,
		Example: `  verdict status
  verdict status --watch
  verdict status --instance http://10.0.0.7:9600 --max-age 1m
  verdict status --format json | jq '.problems[].text'`,
		Args: atMost(0),
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if err := checkStatus(&o, format); err != nil {
				return err
			}
			if o.Config, err = flags.load(); err != nil {
				return err
			}
			o.JSON, o.Out = format == "json", cmd.OutOrStdout()
			ctx, stop := untilSignal(cmd.Context(), pipeline.NewLogger(cmd.ErrOrStderr(), "error", "auto"))
			defer stop()
			outcome, err := status.Run(ctx, o)
			switch {
			case err != nil || outcome == status.Fine:
				return err
			case outcome == status.Wrong:
				return &commandError{nil, exitRejected}
			default:
				return &commandError{nil, exitFailure} // what could not be seen has been said
			}
		},
	}
	flags.add(cmd)
	f := cmd.Flags()
	f.BoolVar(&o.Watch, "watch", false, "look every two seconds, until Ctrl-C")
	f.DurationVar(&o.MaxAge, "max-age", 5*time.Minute, "how long a record may wait: a `DURATION` such as 5m")
	f.StringArrayVar(&o.Instances, "instance", nil, "ask the instance at this `URL`, such as http://10.0.0.7:9600; "+
		"repeat it for others")
	f.BoolVar(&o.All, "all", false, "a line for each partition, however many")
	addTextFormat(cmd, &format)
	return cmd
}

// checkStatus looks at flags that have no settings to be held against.
func checkStatus(o *status.Options, format string) error {
	if err := checkTextFormat(format); err != nil {
		return err
	}
	if o.MaxAge <= 0 {
		return wrongCall("--max-age %s: write how long a record may wait, such as 5m",
			screen.FormatDuration(o.MaxAge))
	}
	for _, text := range o.Instances {
		if u, err := url.Parse(text); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return wrongCall("--instance %s: write a URL such as http://10.0.0.7:9600", text)
		}
	}
	return nil
}
