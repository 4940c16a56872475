package show

import "verdict/rules"

var categoryMeanings = map[rules.Category]string{
	rules.CategoryValidation:       "the submitted data passed validation",
	rules.CategoryScreening:        "sanctions, politically exposed persons, watch lists",
	rules.CategoryEngagement:       "the person did not begin, left or refused",
	rules.CategoryTechnical:        "connection, browser, camera or page failed",
	rules.CategoryProvider:         "a cause on the provider's side",
	rules.CategoryDocumentCapture:  "a picture or video of a document is missing or unfit",
	rules.CategoryFaceCapture:      "a picture or video of the face is missing or unfit",
	rules.CategoryDocument:         "the document itself: not supported, expired, damaged, used before",
	rules.CategoryCopy:             "a copy or a screen in place of the document",
	rules.CategoryData:             "data is wrong, missing, too old or does not match",
	rules.CategoryIdentityMismatch: "another person than expected, where the provider does not call it fraud",
	rules.CategoryEligibility:      "the person or country is not accepted: age, residence, nationality, place",
	rules.CategoryFraud:            "what the provider calls fraud",
	rules.CategoryBehavior:         "suspicious behaviour of the person or the device",
	rules.CategoryRisk:             "a risk signal that the provider does not explain further",
	rules.CategoryRejection:        "rejected, and the provider names no cause",
	rules.CategorySignature:        "the electronic signature, not the identity",
	rules.CategoryUnknown:          "an unlisted code that is in no range, or in one without a category of its own",
	rules.CategoryNone:             "no code at all",
}

var effectMeanings = map[rules.Effect]string{
	rules.EffectPositive: "good news",
	rules.EffectCleared:  "a hit that proved false: no bad news",
	rules.EffectNeutral:  "says nothing for or against, or nothing is known of it",
	rules.EffectNegative: "speaks against the result that the person wants",
}
