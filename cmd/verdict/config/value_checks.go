package config

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// Checks of single values, for the table of keys.

func checkNotEmpty(text string) error {
	if text == "" {
		return errors.New("is empty: write a value")
	}
	return nil
}

func checkBroker(text string) error {
	if host, ok := hostOf(text); !ok || host == "" {
		return fmt.Errorf("%q is no host:port, such as 127.0.0.1:9092", text)
	}
	return nil
}

func checkListen(text string) error {
	if _, ok := hostOf(text); !ok {
		return fmt.Errorf("%q is no host:port, such as 127.0.0.1:9600 or :9600", text)
	}
	return nil
}

// hostOf splits host:port; the port must be a number.
func hostOf(text string) (host string, ok bool) {
	host, port, err := net.SplitHostPort(text)
	if err != nil {
		return "", false
	}
	_, err = strconv.ParseUint(port, 10, 16)
	return host, err == nil
}

// topicName is what Kafka allows.
var topicName = regexp.MustCompile(`^[a-zA-Z0-9._-]{1,249}$`)

func checkTopic(text string) error {
	if !topicName.MatchString(text) || text == "." || text == ".." {
		return fmt.Errorf("%q is no topic name: 1 to 249 letters, digits, dots, underscores and hyphens", text)
	}
	if strings.HasPrefix(text, "__") {
		return fmt.Errorf("%q begins with __, as Kafka's own topics do: choose another name", text)
	}
	return nil
}

// checkOptionalTopic is for a topic that can be switched off.
func checkOptionalTopic(text string) error {
	if text == "" {
		return nil
	}
	return checkTopic(text)
}

// checkURL does not repeat an address in which a password may stand.
func checkURL(text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		const want = "http://host:port or https://host:port, with a path where the registry has one"
		if strings.ContainsAny(text, "@?#") {
			return errors.New("must be " + want)
		}
		return fmt.Errorf("%q is no %s", text, want)
	}
	if u.User != nil {
		return errors.New("must not hold a user or password: use registry.username and registry.password")
	}
	return nil
}
