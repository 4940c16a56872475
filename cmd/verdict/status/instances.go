package status

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"verdict/processor/kafka"
	"verdict/processor/kafka/overview"
)

// askWithin is how long an instance may take to answer.
const askWithin = time.Second

// mostBytes bounds an answer: one of 10,000 partitions has less.
const mostBytes = 8 << 20

// answer is what an instance says of itself, or why it does not.
type answer struct {
	url    string
	status kafka.Status
	err    error
}

// instances asks all of them at once.
func (l *looker) instances(ctx context.Context, v *overview.View) []answer {
	answers := make([]answer, 0, len(v.Members))
	for _, url := range l.urls(v) {
		answers = append(answers, answer{url: url})
	}
	client := &http.Client{Timeout: askWithin, Transport: &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	var asking sync.WaitGroup
	for i := range answers {
		asking.Go(func() { answers[i].status, answers[i].err = ask(ctx, client, answers[i].url) })
	}
	asking.Wait()
	return answers
}

// urls are the addresses to ask.
func (l *looker) urls(v *overview.View) []string {
	var urls []string
	for _, u := range l.o.Instances {
		urls = append(urls, strings.TrimSuffix(u, "/")+"/status")
	}
	if urls != nil {
		return urls
	}
	for i := range v.Members {
		if u := l.guess(&v.Members[i]); u != "" && !slices.Contains(urls, u) {
			urls = append(urls, u)
		}
	}
	return urls
}

// guess is where a member most likely listens; "" where these settings do not say.
func (l *looker) guess(m *overview.Member) string {
	_, port, err := net.SplitHostPort(l.o.Config.HTTP.Address)
	if err != nil || port == "0" || m.Host == "" {
		return ""
	}
	return "http://" + net.JoinHostPort(m.Host, port) + "/status"
}

func ask(ctx context.Context, client *http.Client, address string) (status kafka.Status, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return status, err
	}
	res, err := client.Do(req)
	if err != nil {
		return status, silent(err)
	}
	defer res.Body.Close()
	switch {
	case res.StatusCode == http.StatusNotFound:
		return status, errors.New("it has no /status: an older version, or another program")
	case res.StatusCode != http.StatusOK:
		return status, fmt.Errorf("it answers %s", res.Status)
	}
	if err := json.NewDecoder(io.LimitReader(res.Body, mostBytes)).Decode(&status); err != nil {
		if os.IsTimeout(err) {
			return status, silent(err)
		}
		return status, fmt.Errorf("what it answers is no status: %w", err)
	}
	return status, nil
}

// silent says in a few words why there is no answer.
func silent(err error) error {
	if os.IsTimeout(err) {
		return fmt.Errorf("no answer within %s", askWithin)
	}
	if of, ok := errors.AsType[*url.Error](err); ok {
		err = of.Err
	}
	if of, ok := errors.AsType[*net.OpError](err); ok {
		err = of.Err
	}
	if of, ok := errors.AsType[*os.SyscallError](err); ok {
		err = of.Err
	}
	return err
}

// isOf says whether a member is the instance that has answered. One instance id may end with another, and instances of
// another group may have the same.
func (l *looker) isOf(a *answer, m *overview.Member) bool {
	return a.err == nil && a.status.Group == l.cfg.Group && a.status.InstanceID != "" &&
		m.ClientID == l.cfg.ClientID+"-"+a.status.InstanceID
}
