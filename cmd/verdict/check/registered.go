package check

import (
	"context"
	"errors"
	"strings"

	"verdict/processor/codec"
)

const registeredPoint = "the registry has the output schemas"

// registered looks whether the registry has the output schemas, and what those that it has not would break. Nothing is
// registered here.
func (c *checker) registered(ctx context.Context, registry *codec.Registry) {
	compared, err := registry.Compare(ctx, codec.SubjectsOf(c.cfg.Outputs()))
	if err != nil {
		c.point(registeredPoint, err, "`verdict schemas` asks the same, of the registry alone")
		return
	}
	var missing, breaks []string
	for i := range compared {
		s := &compared[i]
		if s.State != codec.Registered {
			missing = append(missing, s.Subject)
		}
		for _, text := range s.Breaks {
			breaks = append(breaks, s.Subject+": "+text)
		}
	}
	switch {
	case breaks != nil:
		c.point(registeredPoint, errors.New(strings.Join(breaks, "\n")), "use other topic names (their version counts "+
			"up with each incompatible change); `verdict schemas` says more")
	case missing == nil:
		c.point(registeredPoint, nil, "")
	case c.cfg.Registry.Register:
		c.point("the registry does not have all output schemas yet: the first run registers those under "+
			strings.Join(missing, ", "), nil, "")
	default:
		c.point(registeredPoint, errors.New("it does not have this version's under "+strings.Join(missing, ", ")),
			"`verdict schemas --register` registers what is new, or set registry.register to true")
	}
}
