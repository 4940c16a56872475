package cluster

import (
	"cmp"
	"crypto/tls"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/sasl"
	"github.com/segmentio/kafka-go/sasl/plain"
	"github.com/segmentio/kafka-go/sasl/scram"
)

// Connection says where the brokers are and how to talk to them.
type Connection struct {
	// Brokers to start from, as host:port.
	Brokers []string
	// ClientID is the name that brokers log; of a runner, which adds its instance id, the prefix of it.
	ClientID string

	TLS  *tls.Config // nil: plain text
	SASL *SASL       // nil: no authentication

	RequestTimeout time.Duration // 10s, for each request
}

// WithDefaults fills in the defaults of all optional fields.
func (c Connection) WithDefaults() Connection {
	c.ClientID = cmp.Or(c.ClientID, "verdict")
	if c.RequestTimeout <= 0 {
		c.RequestTimeout = 10 * time.Second
	}
	return c
}

// Validate names every field that no client can work with.
func (c Connection) Validate() error {
	var mistakes []error
	if len(c.Brokers) == 0 {
		mistakes = append(mistakes, errors.New("kafka: Brokers is empty: name at least one as host:port"))
	}
	if c.SASL != nil && !slices.Contains(Mechanisms(), c.SASL.Mechanism) {
		mistakes = append(mistakes, fmt.Errorf("kafka: the SASL mechanism must be one of %s",
			strings.Join(Mechanisms(), ", ")))
	}
	return errors.Join(mistakes...)
}

// SASL is how to log in. Mechanism is PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512. None of it is ever logged.
type SASL struct {
	Mechanism, Username string
	Password            string `json:"-"`
}

// String leaves the password out.
func (s SASL) String() string { return s.Mechanism + " " + s.Username }

// GoString leaves the password out.
func (s SASL) GoString() string { return s.String() }

// Mechanisms lists the SASL mechanisms.
func Mechanisms() []string { return []string{"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"} }

// mechanism is what to log in with; nil: nothing.
func (c Connection) mechanism() (sasl.Mechanism, error) {
	if c.SASL == nil {
		return nil, nil
	}
	switch c.SASL.Mechanism {
	case "PLAIN":
		return plain.Mechanism{Username: c.SASL.Username, Password: c.SASL.Password}, nil
	case "SCRAM-SHA-256":
		return scram.Mechanism(scram.SHA256, c.SASL.Username, c.SASL.Password)
	default:
		return scram.Mechanism(scram.SHA512, c.SASL.Username, c.SASL.Password)
	}
}

// Transport is kafka-go's own way to the brokers, for requests that need nothing of Client.
func (c Connection) Transport() (*kafka.Transport, error) {
	mechanism, err := c.mechanism()
	return &kafka.Transport{ClientID: c.ClientID, TLS: c.TLS, SASL: mechanism, MetadataTTL: MetadataTTL}, err
}
