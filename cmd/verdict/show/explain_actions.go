package show

import (
	"slices"
	"strings"

	"verdict/cmd/verdict/screen"
	"verdict/rules"
)

// contribution says what a code brought into the advice: a ban, actions with their fields, a new verification. Who says
// so is told where it is another than the one who gives the advice. "" if the code brought nothing.
func (x *evidence) contribution(c *rules.Code) string {
	brought := x.brought(c)
	if brought == "" {
		return ""
	}
	text := "code " + c.Text
	switch {
	case c.Action != "":
		text += " (provider recommends: " + c.Action + ")"
	case c.Known:
		text += " (" + c.Meaning + ")"
	default:
		text += " (by its range)"
	}
	return text + " " + brought + x.othersOrigin(x.contributionBasis(c))
}

func (x *evidence) brought(c *rules.Code) string {
	if x.d.Retry.Advice == rules.AdviceDoNotRetry {
		return screen.Either(c.NoRetry && x.belongs(c), "forbids a retry", "")
	}
	var parts []string
	if set := x.broughtActions(c); set != 0 {
		parts = append(parts, "adds "+strings.Join(actionNames(set), ", "))
		if fields := c.Fields; fields != 0 {
			parts = append(parts, "fields "+fieldsText(x.v, fields))
		}
	}
	switch {
	case x.bySignature():
		if x.advisesSignature(c) && parts == nil {
			parts = append(parts, "says that the signature is "+c.Signature.String())
		}
	case x.d.Retry.TriesAgain() && !x.refused() && c.Scope != rules.ScopeUnspecified && c.Scope == x.d.Retry.Scope:
		parts = append(parts, "asks for "+c.Scope.String())
	}
	return strings.Join(parts, ", ")
}

// broughtActions are those of the advice that the code has. Where the person refused no code has any part in it, and
// where the advice is that of signature codes no other has.
func (x *evidence) broughtActions(c *rules.Code) rules.ActionSet {
	switch {
	case x.bySignature() && !x.advisesSignature(c), !x.bySignature() && x.refused():
		return 0
	case !x.bySignature() && x.belongs(c):
		return c.Actions & x.d.Retry.Actions // a signature code in place adds to no other's advice
	}
	return actionsOf(c) & x.d.Retry.Actions
}

// contributionBasis is the path of the row, or of a signature code's own advice, whose origin may be another.
func (x *evidence) contributionBasis(c *rules.Code) string {
	if c.Advice != nil {
		for _, own := range c.Advice {
			if own.Basis == x.d.Retry.Basis {
				return own.Basis
			}
		}
		for _, own := range c.Advice {
			if own.Actions&x.d.Retry.Actions != 0 || own.Advice == x.d.Retry.Advice {
				return own.Basis
			}
		}
	}
	return c.Basis
}

// actionsOf are all actions that the catalog has for a code, whatever the integration.
func actionsOf(c *rules.Code) rules.ActionSet {
	all := c.Actions
	if c.Advice != nil {
		for _, own := range c.Advice {
			all |= own.Actions
		}
	}
	return all
}

// bySignature says whether the advice is that of signature codes in place.
func (x *evidence) bySignature() bool {
	return slices.ContainsFunc(x.codes, func(c *rules.Code) bool {
		return x.advisesSignature(c) && slices.ContainsFunc(c.Advice[:], func(own rules.Retry) bool {
			return own.Basis == x.d.Retry.Basis
		})
	})
}

func (x *evidence) advisesSignature(c *rules.Code) bool {
	return c.Advice != nil && x.belongs(c) && c.Signature == x.d.Signature
}

func (x *evidence) refused() bool {
	return slices.ContainsFunc(x.codes, func(c *rules.Code) bool { return c.Refusal })
}
