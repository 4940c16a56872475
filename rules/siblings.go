package rules

// link lets each vocabulary know those of its provider's other products: their notifications share an address, so a
// wrong product is the likeliest mistake.
func (c *Catalog) link() {
	for _, v := range c.vocabularies {
		for _, other := range c.vocabularies {
			if other != v && other.Provider == v.Provider {
				v.siblings = append(v.siblings, other)
			}
		}
	}
}

// ListedElsewhere says whether another product of the provider lists a code that this vocabulary does not. A text that
// could not be read is listed nowhere.
func (v *Vocabulary) ListedElsewhere(code *Code) bool {
	if code.Known || code.Number == NumberUnreadable {
		return false
	}
	for _, s := range v.siblings {
		if s.codes[code.Text] != nil {
			return true
		}
	}
	return false
}

// RiskListedElsewhere says whether another product of the provider lists a risk code that this vocabulary does not.
func (v *Vocabulary) RiskListedElsewhere(code int32) bool {
	if v.risks[code] != nil {
		return false
	}
	for _, s := range v.siblings {
		if s.risks[code] != nil {
			return true
		}
	}
	return false
}
