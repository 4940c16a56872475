package show

import (
	"strconv"

	"verdict/cmd/verdict/screen"
	"verdict/processor"
	"verdict/rules"
)

// anomalies says of each anomaly what it means, and which codes it is about.
func (x *evidence) anomalies(catalog *rules.Catalog) (parts []Because) {
	for set := x.d.Anomalies; set != 0; {
		var a processor.Anomaly
		a, set = set.Next()
		words := anomalyMeanings[a]
		if about := x.anomalyAbout(a, catalog); about != "" {
			words += ": " + about
		}
		parts = append(parts, Because{About: "anomaly", Value: a.String(), Words: words})
	}
	return parts
}

// anomalyAbout names what an anomaly is about; "" where the decision says it all.
func (x *evidence) anomalyAbout(a processor.Anomaly, catalog *rules.Catalog) string {
	switch a {
	case processor.AnomalyUnknownCode:
		return x.each(func(c *rules.Code) string { return screen.Either(c.Known, "", "code "+c.Text) })
	case processor.AnomalyCodeNotAllowedForStatus:
		return x.each(func(c *rules.Code) string {
			if x.belongs(c) || c.Statuses == 0 {
				return ""
			}
			return "code " + c.Text + " goes with " + screen.OrList(statusesOf(x.v, c.Statuses))
		})
	case processor.AnomalyCodeContradictsRisk:
		return x.each(func(c *rules.Code) string {
			if !x.againstRisk(c) {
				return ""
			}
			return "code " + c.Text + " goes with risk code " + screen.OrList(intTexts(c.RiskCodes))
		})
	case processor.AnomalyReasonMissing:
		if x.status != nil {
			return "a NEGATIVE code" + expectedSeries(x.v, x.status, x.rule)
		}
	case processor.AnomalyWrongProductSuspected:
		return x.listedElsewhere(catalog)
	default:
	}
	return ""
}

// listedElsewhere says which of the provider's products list what this one does not.
func (x *evidence) listedElsewhere(catalog *rules.Catalog) string {
	text := x.each(func(c *rules.Code) string {
		if c.Known || c.Number == rules.NumberUnreadable {
			return ""
		}
		return x.listedIn(catalog, "code "+c.Text, func(v *rules.Vocabulary) bool {
			return v.Code(c.Text, &rules.Code{}).Known
		})
	})
	if !x.d.HasRisk || x.v.RiskCode(x.d.Risk.Code) != nil {
		return text
	}
	risk := x.listedIn(catalog, "risk code "+strconv.Itoa(int(x.d.Risk.Code)), func(v *rules.Vocabulary) bool {
		return v.RiskCode(x.d.Risk.Code) != nil
	})
	return text + screen.Either(text != "" && risk != "", "; ", "") + risk
}

// listedIn names the provider's other vocabularies that have something; "" if none has.
func (x *evidence) listedIn(catalog *rules.Catalog, what string, has func(*rules.Vocabulary) bool) string {
	var names []string
	for _, v := range catalog.Vocabularies() {
		if v != x.v && v.Provider == x.v.Provider && has(v) {
			names = append(names, v.Name)
		}
	}
	return screen.Either(names == nil, "", what+" is listed in "+screen.OrList(names))
}
