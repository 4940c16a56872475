package show

import "verdict/rules"

var adviceMeanings = map[rules.Advice]string{
	rules.AdviceNotApplicable:    "there is nothing to try again",
	rules.AdviceContinue:         "the case waits for your part",
	rules.AdviceWait:             "a result is still to come, or the SDK asks the person",
	rules.AdviceAwaitReview:      "a person should look first; nobody is invited to anything",
	rules.AdviceRetry:            "trying again is allowed; no change is named",
	rules.AdviceRetryWithChanges: "try again after the actions",
	rules.AdviceOptional:         "whether to try again is left to you",
	rules.AdviceConditional:      "depends on the integration, which is not known; the actions are the API's",
	rules.AdviceDoNotRetry:       "trying again is not possible or not wanted",
	rules.AdviceUnknown:          "nothing is known of the status, so nothing is advised",
}

var scopeMeanings = map[rules.Scope]string{
	rules.ScopeNone:             "there is no retry",
	rules.ScopeSameVerification: "the same verification goes on",
	rules.ScopeNewVerification:  "a retry begins a new verification, with an id of its own",
	rules.ScopeUnknown:          "nothing is known of it",
}

var actionMeanings = map[rules.Action]string{
	rules.ActionShareVerificationURL:        "give the person the verification's address",
	rules.ActionSubmitDataAndFiles:          "send the provider the identity data and files",
	rules.ActionUpdateIdentityData:          "correct the identity data; fields names what, where known",
	rules.ActionUpdateIdentityFile:          "correct the description of the document; fields names what, where known",
	rules.ActionProvideAddress:              "give a valid address",
	rules.ActionProvideGeolocation:          "give the person's geolocation",
	rules.ActionProvideIPAddress:            "give a valid IP address",
	rules.ActionUseSupportedDocument:        "use a document of a supported type",
	rules.ActionUploadIDDocument:            "upload a new picture of the ID document",
	rules.ActionUploadSecondaryDocument:     "upload a new picture of the second document",
	rules.ActionUploadProofOfAddress:        "upload a new proof of address",
	rules.ActionUploadSelfie:                "upload a new selfie",
	rules.ActionUploadSelfieVideo:           "upload a new selfie video",
	rules.ActionUploadDocumentVideo:         "upload a new video of the document",
	rules.ActionIncludeSignature:            "have the new verification include the electronic signature",
	rules.ActionRepeatDocumentApproval:      "repeat the step in which the person approves the documents",
	rules.ActionRepeatSignatureConfirmation: "repeat the step in which the person confirms the signature",
	rules.ActionProvideAddressOrProof:       "give a valid address, or upload a new proof of address",
	rules.ActionUseDifferentDocument:        "use another document: the same one would be refused again",
	rules.ActionUseSupportedLocation:        "try from a country that the provider supports",
	rules.ActionCheckStatus:                 "ask the provider for the status: only overdue notices say so",
	rules.ActionFindDocument:                "have the document at hand",
	rules.ActionAllowCamera:                 "allow the page to use the camera",
	rules.ActionImproveConnection:           "use a better connection",
	rules.ActionChangeBrowser:               "use another browser",
	rules.ActionChangeDevice:                "use another device",
	rules.ActionStayOnPage:                  "stay on the page to the end",
	rules.ActionImproveCapture:              "take better pictures: light, focus, the whole document or face",
}
