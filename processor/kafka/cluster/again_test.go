package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
)

// Again returns the answer that comes at last, at once what no repetition settles, and the cause when time is over.
func TestAgain(t *testing.T) {
	starting := Refused("DescribeGroups", "group g", kerr.CoordinatorNotAvailable.Code)
	refused := Refused("DescribeGroups", "group g", kerr.GroupAuthorizationFailed.Code)
	for name, test := range map[string]struct {
		answers []error
		limit   time.Duration
		want    error
		asked   int
	}{
		"an answer at last":           {[]error{starting, nil}, time.Minute, nil, 2},
		"refused":                     {[]error{refused, nil}, time.Minute, refused, 1},
		"refused at last":             {[]error{io.EOF, refused, nil}, time.Minute, refused, 2},
		"no time for another":         {[]error{starting, nil}, time.Millisecond, starting, 1},
		"no time for another to last": {[]error{starting, context.DeadlineExceeded}, time.Second, starting, 2},
	} {
		asked := 0
		err := Again(t.Context(), test.limit, func(ctx context.Context) error {
			answer := test.answers[asked]
			if asked++; errors.Is(answer, context.DeadlineExceeded) {
				<-ctx.Done()
				return ctx.Err()
			}
			return answer
		})
		if !errors.Is(err, test.want) || asked != test.asked {
			t.Errorf("%s: %v after %d questions, want %v after %d", name, err, asked, test.want, test.asked)
		}
	}
}

func TestAdviceLooksAtWhatIsSet(t *testing.T) {
	login := &SASL{}
	expectsTLS := fmt.Errorf("%w: broker appears to be expecting TLS", io.ErrUnexpectedEOF) // kafka-go's words
	for _, test := range []struct {
		c    Connection
		err  error
		want string
	}{
		{Connection{}, io.ErrUnexpectedEOF, "the listener takes the connection and cuts it: set kafka.sasl.mechanism, " +
			"kafka.sasl.username and the password, if it is one with logins; set kafka.tls.enabled, if it is one with TLS"},
		{Connection{}, expectsTLS, "the listener seems to be one with TLS: set kafka.tls.enabled; set " +
			"kafka.sasl.mechanism, kafka.sasl.username and the password, if it is one with logins"},
		{Connection{SASL: login}, expectsTLS, "the listener seems to be one with TLS: set kafka.tls.enabled"},
		{Connection{SASL: login}, io.EOF,
			"the listener takes the connection and cuts it: set kafka.tls.enabled, if it is one with TLS"},
		{Connection{SASL: login}, io.ErrClosedPipe, "check the addresses, that the brokers are up and can be reached " +
			"from here, and that TLS (kafka.tls.enabled) and login (kafka.sasl.mechanism) are set as their listener has it"},
	} {
		if got := test.c.Advice(test.err); got != test.want {
			t.Errorf("%v: %q, want %q", test.err, got, test.want)
		}
	}
}
