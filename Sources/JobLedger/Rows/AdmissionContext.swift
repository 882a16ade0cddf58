import Contracts

/// What all items of a submission have in common.
struct AdmissionContext: Sendable {
    var batchID: String
    var requestedBy: String?
    /// The W3C Trace Context of the submission.
    var traceparent: String?
    /// The process, as the timeline names it.
    var worker: String
    var now: Timestamp

    init(_ admission: Admission, worker: String, at now: Timestamp) {
        batchID = admission.batchID.text
        requestedBy = admission.requestedBy
        traceparent = admission.traceparent
        self.worker = worker
        self.now = now
    }
}
