package codec

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/sr"
)

var (
	// ErrRegistryUnavailable says that the registry did not answer a question, or not as a registry does. Trying again
	// later may help; the record must not be rejected.
	ErrRegistryUnavailable = errors.New("the schema registry does not answer")
	// ErrIncompatible says that the registry refuses an output schema, because it is incompatible with a version
	// before.
	ErrIncompatible = errors.New("incompatible schema")
	// ErrNotRegistered says that an output schema is only to be looked up and is not there.
	ErrNotRegistered = errors.New("schema is not registered")
)

// maxResponseBytes bounds what is read of an answer.
const maxResponseBytes = 4 << 20

// RegistryOptions say where the registry is and who asks.
type RegistryOptions struct {
	// URLs are the base addresses of one registry; the next is asked when one does not answer or fails.
	URLs []string
	// Username and Password are for HTTP basic authentication; none if both are "".
	Username, Password string
	// TLS is for https URLs; nil: the system's roots.
	TLS *tls.Config
	// Timeout of one request; 0 is 5 seconds.
	Timeout time.Duration
	// Failed, if not nil, is told each request that failed: no answer, or one that is not a registry's. It is called by
	// several goroutines.
	Failed func()
}

// Registry is a client of a schema registry (the REST interface of Confluent's, which Apicurio, Karapace and Redpanda
// have too). It adds to franz-go's client what that leaves to its user: a cache, one request in flight for each id,
// resolved references, back-off, other URLs after a failure, and a bound on answers. It is safe for concurrent use.
type Registry struct {
	clients   []*sr.Client // one for each URL
	names     []string     // of the URLs, without credentials
	preferred atomic.Int32 // index of the client that answered last
	transport *http.Transport
	failed    func()

	now     func() time.Time
	ctx     context.Context // ends with Close
	cancel  context.CancelFunc
	fetches sync.WaitGroup

	mu       sync.RWMutex
	closed   bool
	entries  map[uint32]*entry
	inFlight int
}

// NewRegistry makes a client. Nothing is asked yet.
func NewRegistry(o RegistryOptions) (*Registry, error) {
	if len(o.URLs) == 0 {
		return nil, errors.New("the schema registry has no URL: give at least one")
	}
	if o.Timeout <= 0 {
		o.Timeout = 5 * time.Second
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = o.TLS
	client := &http.Client{Timeout: o.Timeout, Transport: boundedTransport{transport}}
	r := &Registry{transport: transport, failed: o.Failed, now: time.Now, entries: map[uint32]*entry{}}
	if r.failed == nil {
		r.failed = func() {}
	}
	for _, address := range o.URLs {
		name, err := checkURL(address)
		if err != nil {
			return nil, err
		}
		options := []sr.ClientOpt{sr.URLs(address), sr.HTTPClient(client), sr.UserAgent("verdict")}
		if o.Username != "" || o.Password != "" {
			options = append(options, sr.BasicAuth(o.Username, o.Password))
		}
		c, err := sr.NewClient(options...)
		if err != nil {
			return nil, fmt.Errorf("schema registry %s: %w", name, err)
		}
		r.clients, r.names = append(r.clients, c), append(r.names, name)
	}
	r.ctx, r.cancel = context.WithCancel(context.Background())
	return r, nil
}

// Close ends the requests in flight and waits for them. A lookup after it answers what the cache has.
func (r *Registry) Close() {
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	r.cancel()
	r.fetches.Wait()
	r.transport.CloseIdleConnections()
}

// Ping asks for a schema, whichever it may be. An answer that there is none is as good as one: what counts is that a
// registry answers, and that reading a schema is allowed.
func (r *Registry) Ping(ctx context.Context) error {
	err := r.ask(ctx, func(c *sr.Client) error {
		_, err := c.SchemaByID(ctx, 1)
		return err
	})
	if isUnknown(err) {
		return nil
	}
	return err
}

// ask puts a question to the preferred URL, and to the others while they do not answer or fail. An error is either an
// *sr.ResponseError that says something about the question, or ErrRegistryUnavailable.
func (r *Registry) ask(ctx context.Context, question func(*sr.Client) error) error {
	first := int(r.preferred.Load())
	var failures []string
	for i := range r.clients {
		at := (first + i) % len(r.clients)
		err := question(r.clients[at])
		if err == nil || isAnswer(err) {
			r.preferred.Store(int32(at))
			return err
		}
		if ctx.Err() != nil { // nobody waits for it any more
			return fmt.Errorf("%w: %w", ErrRegistryUnavailable, context.Cause(ctx))
		}
		r.failed()
		failures = append(failures, r.names[at]+": "+describe(err))
	}
	return fmt.Errorf("%w: %s", ErrRegistryUnavailable, strings.Join(failures, "; "))
}

// isAnswer tells an answer to the question from a failure. A registry's own "not found" has an error code of five
// digits (40401 to 40403 and the like): a plain 404 comes from a wrong base address or from a proxy, and must reject no
// record.
func isAnswer(err error) bool {
	var response *sr.ResponseError
	if !errors.As(err, &response) {
		return false
	}
	switch response.StatusCode {
	case http.StatusConflict, http.StatusUnprocessableEntity:
		return true
	default:
		return isUnknown(err)
	}
}

func isUnknown(err error) bool {
	var response *sr.ResponseError
	return errors.As(err, &response) && response.StatusCode == http.StatusNotFound && response.ErrorCode/100 == 404
}

// describe says what went wrong and what to do. It quotes nothing of an answer that is not a registry's.
func describe(err error) string {
	var response *sr.ResponseError
	if !errors.As(err, &response) {
		return strings.ReplaceAll(unaddressed(err).Error(), "\n", " ")
	}
	switch response.StatusCode {
	case http.StatusUnauthorized, http.StatusForbidden:
		return fmt.Sprintf("HTTP status %d: check the registry's username, password and permissions",
			response.StatusCode)
	case http.StatusNotFound:
		return "HTTP status 404 without a registry's error code: check the base address of the registry's URL " +
			"(Apicurio's ends with /apis/ccompat/v7)"
	default:
		return fmt.Sprintf("HTTP status %d, error code %d", response.StatusCode, response.ErrorCode)
	}
}

// unaddressed leaves out what the client and the network say about where they asked: that is told already. A proxy's
// address stays.
func unaddressed(err error) error {
	if at, ok := errors.AsType[*url.Error](err); ok {
		err = at.Err
	}
	if op, ok := err.(*net.OpError); ok { // not one within: its Err says more
		err = op.Err
	}
	if unknown, ok := err.(*net.DNSError); ok {
		return errors.New(unknown.Err)
	}
	return err
}

// boundedTransport fails an answer that is larger than any schema.
type boundedTransport struct{ next http.RoundTripper }

func (t boundedTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := t.next.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	response.Body = &boundedBody{response.Body, maxResponseBytes}
	return response, nil
}

type boundedBody struct {
	io.ReadCloser
	left int
}

func (b *boundedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if b.left -= n; b.left < 0 {
		return 0, fmt.Errorf("the answer is larger than %d bytes", maxResponseBytes)
	}
	return n, err
}
