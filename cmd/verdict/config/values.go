package config

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"verdict/cmd/verdict/screen"
	"verdict/processor/codec"
)

// setText reads a key's value as it is written in the environment or behind --set. The error says what to write
// instead.
func (k *Key) setText(c *Config, text string) error {
	switch field := k.field(c).(type) {
	case *string:
		if len(k.allowed) > 0 && text != "" {
			return setChoice(field, k, text)
		}
		*field = text
		return k.checkItems([]string{text})
	case *bool:
		b, ok := map[string]bool{"true": true, "false": false}[text]
		if !ok {
			return k.wrong(text, "is not allowed: write true or false")
		}
		*field = b
	case *int:
		n, err := strconv.Atoi(strings.ReplaceAll(text, "_", ""))
		if err != nil {
			return k.wrong(text, "is no whole number")
		}
		*field = n
		return k.checkBounds(int64(n), func(n int64) string { return strconv.FormatInt(n, 10) })
	case *screen.Size:
		n, err := screen.ParseSize(text)
		if err != nil {
			return k.wrong(text, "is no size: write a number of bytes, or a number with KiB, MiB or GiB")
		}
		*field = n
		return k.checkBounds(int64(n), func(n int64) string { return screen.Size(n).String() })
	case *time.Duration:
		if text == "" && k.whenEmpty != nil {
			*field = 0
			return nil
		}
		d, err := time.ParseDuration(text)
		if err != nil {
			return k.wrong(text, "is no duration: write a number and a unit, such as 500ms, 10s or 5m")
		}
		*field = d
		return k.checkBounds(int64(d), func(n int64) string { return screen.FormatDuration(time.Duration(n)) })
	case *[]string:
		*field = splitList(text)
		return k.checkItems(*field)
	case *[]rawTopic:
		return setRawTopics(field, k, splitList(text))
	default:
		return errors.New("has a type that cannot be read") // a test sets every key
	}
	return nil
}

func setChoice(field *string, k *Key, text string) error {
	for _, a := range k.allowed {
		if a == text {
			*field = text
			return nil
		}
	}
	return k.wrong(text, "is not allowed: write "+screen.OrList(k.allowed))
}

func setRawTopics(field *[]rawTopic, k *Key, items []string) error {
	if len(items) == 0 {
		return errors.New("is empty: name at least one topic")
	}
	*field = nil
	var faults []error
	for at, item := range items {
		topic := parseRawTopic(item)
		if err := topic.check(k); err != nil {
			faults = append(faults, &itemFault{at, err})
		}
		*field = append(*field, topic)
	}
	return errors.Join(faults...)
}

// check leaves format and product to those who know the catalog.
func (t rawTopic) check(k *Key) error {
	if err := k.check(t.Name); err != nil {
		return err
	}
	if t.Integration != "" && !slices.Contains(codec.Integrations(), t.Integration) {
		return fmt.Errorf("topic %q has the integration %q: write %s", t.Name, t.Integration,
			screen.OrList(codec.Integrations()))
	}
	if t.Account != strings.TrimSpace(t.Account) || t.Account != strings.Trim(t.Account, ":") ||
		strings.ContainsFunc(t.Account, unicode.IsControl) {
		return fmt.Errorf("topic %q has the account %q: write it without a colon or white space around it, and "+
			"without control characters", t.Name, t.Account)
	}
	return nil
}

// MisplacedIntegration says how to write an integration that stands where a product does: a colon is forgotten easily.
func (t rawTopic) MisplacedIntegration() string {
	if t.Integration != "" || !slices.Contains(codec.Integrations(), t.Product) {
		return ""
	}
	t.Product, t.Integration = "", t.Product
	return ", or write " + t.String() + " if it is the integration"
}

// parseRawTopic splits name:format:product:integration:account, of which only the name has to be there.
func parseRawTopic(item string) rawTopic {
	name, rest, _ := strings.Cut(item, ":")
	format, rest, _ := strings.Cut(rest, ":")
	product, rest, _ := strings.Cut(rest, ":")
	integration, account, _ := strings.Cut(rest, ":")
	if format == "" {
		format = codec.Canonical
	}
	return rawTopic{name, format, product, integration, account}
}

// check says what is wrong with one text.
type check func(text string) error

func (k *Key) checkItems(items []string) error {
	if k.check == nil {
		return nil
	}
	if len(items) == 0 && k.fallback != "" {
		return errors.New("is empty: write at least one")
	}
	var faults []error
	for at, item := range items {
		if err := k.check(item); err != nil {
			faults = append(faults, &itemFault{at, err})
		}
	}
	return errors.Join(faults...)
}

// itemFault is what is wrong with one item of a list, counted from 0.
type itemFault struct {
	at    int
	cause error
}

func (f *itemFault) Error() string { return f.cause.Error() }

// eachFault takes apart the mistakes of one value.
func eachFault(err error) []error {
	if err == nil {
		return nil
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()
	}
	return []error{err}
}

// wrong makes the text of a mistake. A secret is not repeated.
func (k *Key) wrong(text, problem string) error {
	if k.secret {
		return fmt.Errorf("the value %s", problem)
	}
	return fmt.Errorf("%q %s", text, problem)
}

func (k *Key) checkBounds(n int64, format func(int64) string) error {
	if n == 0 && k.orZero {
		return nil
	}
	if n < k.min || n < 0 {
		return fmt.Errorf("%s is too small: the least is %s", format(n), format(max(k.min, 0)))
	}
	if k.max > 0 && n > k.max {
		return fmt.Errorf("%s is too large: the most is %s", format(n), format(k.max))
	}
	return nil
}

// format is the inverse of setText. A secret that is set is three stars.
func (k *Key) format(c *Config) string {
	switch field := k.field(c).(type) {
	case *string:
		if k.secret && *field != "" {
			return "***"
		}
		return *field
	case *bool:
		return strconv.FormatBool(*field)
	case *int:
		return strconv.Itoa(*field)
	case *screen.Size:
		return field.String()
	case *time.Duration:
		if *field == 0 && k.whenEmpty != nil {
			return ""
		}
		return screen.FormatDuration(*field)
	case *[]string:
		return strings.Join(*field, ",")
	case *[]rawTopic:
		var items []string
		for _, t := range *field {
			items = append(items, t.String())
		}
		return strings.Join(items, ",")
	}
	return ""
}

// kind names the key's type for the reference.
func (k *Key) kind() string {
	switch k.field(new(Config)).(type) {
	case *bool:
		return "true, false"
	case *int:
		return "number"
	case *screen.Size:
		return "size"
	case *time.Duration:
		return "duration"
	case *[]string:
		return "list"
	case *[]rawTopic:
		return "list of topics"
	}
	if len(k.allowed) > 0 {
		return strings.Join(k.allowed, ", ")
	}
	return "text"
}

func splitList(text string) []string {
	var items []string
	for item := range strings.SplitSeq(text, ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items
}
