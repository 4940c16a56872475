package rules

// What the readers hold between keys of one row, as far as JSON Schema can say it, for the editor to say it at once.

var (
	isFalse = object{"enum": []bool{false}}
	isTrue  = object{"enum": []bool{true}}
)

// outcomeRules are those of agrees, final, ended and expects.
func outcomeRules(*schemaWriter) object {
	rules := []object{ifThen(is("final", true), properties(object{"ended": isTrue}))}
	for _, o := range Outcomes() {
		advice := properties(object{"advice": object{"enum": symbolsOf(adviceNames, advicesOf(o))}})
		retry := object{}
		for _, key := range integrationKeys {
			retry[key] = advice
		}
		then := object{"retry": properties(and(retry, advice["properties"].(object)))}
		if o == OutcomeUnrecognized {
			continue // no file can say it
		}
		if o == OutcomePending {
			then["final"], then["ended"], then["code_expected"] = isFalse, isFalse, isFalse
		}
		if o == OutcomeApproved {
			then["final"], then["code_expected"] = isTrue, isFalse
		}
		rules = append(rules, ifThen(is("outcome", o.String()), properties(then)))
	}
	return object{"allOf": rules}
}

// rowRules are those of checkFlags, for codes and ranges.
func rowRules(s *schemaWriter) []object {
	rules := []object{
		ifThen(is("effect", EffectPositive.String(), EffectCleared.String(), EffectNeutral.String()), properties(object{
			"blocks_approval": isFalse, "no_retry": isFalse, "refusal": isFalse, "signature": false})),
		ifThen(is("blocks_approval", true), properties(object{"signature": false, "asks_review": isFalse})),
		ifThen(is("category", CategoryFraud.String()),
			s.unlessInBase(properties(object{"blocks_approval": isTrue}), "blocks_approval")),
	}
	for _, c := range Categories() {
		if isSecret(c) {
			rules = append(rules, ifThen(is("category", c.String()), properties(object{"disclosable": isFalse})))
		}
	}
	return rules
}

func rangeRules(s *schemaWriter) object { return object{"allOf": rowRules(s)} }

// codeRules are those of codeAdvice and checkCode as well.
func codeRules(s *schemaWriter) object {
	noAdvice := object{"scope": false, "actions": false, "retry": false}
	bearing := s.unlessInBase(properties(object{"risk_bearing": isTrue}), "risk_bearing")
	rules := append(rowRules(s),
		ifThen(is("no_retry", true), properties(noAdvice)),
		ifThen(is("refusal", true), properties(and(noAdvice, object{"no_retry": isFalse, "blocks_approval": isFalse}))),
		ifThen(hasAll("retry"), s.unlessInBase(properties(object{"scope": false, "actions": false}), "signature")),
		ifThen(is("asks_review", true), s.unlessInBase(properties(object{
			"origin": object{"enum": symbolsOf(originNames, []Origin{OriginPolicy, OriginOperator})}}), "origin")),
		ifThen(is("blocks_approval", true), bearing),
		ifThen(hasAll("signature"), s.unlessInBase(object{}, "retry")),
	)
	for _, c := range Categories() {
		if bearsRisk(c) {
			rules = append(rules, ifThen(is("category", c.String()), bearing))
		}
	}
	return object{"allOf": rules}
}

// unlessInBase is a schema that needs a key as well, but for an overlay: there the base may have it.
func (s *schemaWriter) unlessInBase(schema object, key string) object {
	if s.overlay {
		return schema
	}
	return and(schema, hasAll(key))
}

func properties(of object) object { return object{"properties": of} }
