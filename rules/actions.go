package rules

import (
	"math/bits"
	"strings"
)

// Action is one thing to do before or with a retry.
type Action uint8

// Actions, in the order in which a decision lists them.
const (
	ActionUnspecified Action = iota
	ActionShareVerificationURL
	ActionSubmitDataAndFiles
	ActionUpdateIdentityData
	ActionUpdateIdentityFile
	ActionProvideAddress
	ActionProvideGeolocation
	ActionProvideIPAddress
	ActionUseSupportedDocument
	ActionUploadIDDocument
	ActionUploadSecondaryDocument
	ActionUploadProofOfAddress
	ActionUploadSelfie
	ActionUploadSelfieVideo
	ActionUploadDocumentVideo
	ActionIncludeSignature
	ActionRepeatDocumentApproval
	ActionRepeatSignatureConfirmation
	ActionProvideAddressOrProof // the one or the other
	ActionUseDifferentDocument
	ActionUseSupportedLocation
	ActionCheckStatus
	ActionFindDocument
	ActionAllowCamera
	ActionImproveConnection
	ActionChangeBrowser
	ActionChangeDevice
	ActionStayOnPage
	ActionImproveCapture
)

var actionNames = []string{
	"UNSPECIFIED", "SHARE_VERIFICATION_URL", "SUBMIT_DATA_AND_FILES", "UPDATE_IDENTITY_DATA", "UPDATE_IDENTITY_FILE",
	"PROVIDE_ADDRESS", "PROVIDE_GEOLOCATION", "PROVIDE_IP_ADDRESS", "USE_SUPPORTED_DOCUMENT", "UPLOAD_ID_DOCUMENT",
	"UPLOAD_SECONDARY_DOCUMENT", "UPLOAD_PROOF_OF_ADDRESS", "UPLOAD_SELFIE", "UPLOAD_SELFIE_VIDEO",
	"UPLOAD_DOCUMENT_VIDEO", "INCLUDE_SIGNATURE", "REPEAT_DOCUMENT_APPROVAL", "REPEAT_SIGNATURE_CONFIRMATION",
	"PROVIDE_ADDRESS_OR_PROOF", "USE_DIFFERENT_DOCUMENT", "USE_SUPPORTED_LOCATION", "CHECK_STATUS", "FIND_DOCUMENT",
	"ALLOW_CAMERA", "IMPROVE_CONNECTION", "CHANGE_BROWSER", "CHANGE_DEVICE", "STAY_ON_PAGE", "IMPROVE_CAPTURE",
}

func (a Action) String() string { return SymbolOf(actionNames, a) }

// Actions lists every value but UNSPECIFIED.
func Actions() []Action { return ValuesOf[Action](actionNames) }

// ActionSet is a set of actions; bit n stands for Action n. The zero value is the empty set.
type ActionSet uint32

// With returns the set with a added.
func (s ActionSet) With(a Action) ActionSet { return s | 1<<a }

// list has the actions' names, as a catalog file lists them.
func (s ActionSet) list() string {
	var names []string
	for s != 0 {
		var a Action
		a, s = s.Next()
		names = append(names, a.String())
	}
	return strings.Join(names, ", ")
}

// Len is the number of actions in the set.
func (s ActionSet) Len() int { return bits.OnesCount32(uint32(s)) }

// Next returns the first action in the contract's order and the rest of the set. It must not be called on an empty set.
func (s ActionSet) Next() (Action, ActionSet) {
	a := Action(bits.TrailingZeros32(uint32(s)))
	return a, s &^ (1 << a)
}
