import Contracts
import Foundation

/// What can be read of a job whose document violates the contract.
struct UnreadableJob: Sendable, Equatable {
    var jobID: JobID
    var batchID: String?
    var kind = JobKind.manual
    var artist = ""
    var title = ""

    /// Reads the fields that have the right type. The job's id comes from the body, else from the correlation id.
    /// - Returns: `nil` when neither is a valid id.
    init?(body: Data, correlationID: String?) {
        let fields = try? ContractCoding.decode(JSONValue.self, from: body)
        let id = fields?["job_id"]?.stringValue.flatMap { JobID($0) } ?? correlationID.flatMap { JobID($0) }
        guard let id else { return nil }
        jobID = id
        batchID = fields?["batch_id"]?.stringValue
        kind = fields?["kind"]?.stringValue.flatMap { JobKind(rawValue: $0) } ?? .manual
        artist = fields?["track"]?["artist"]?.stringValue?.prefix(utf8: 4096) ?? ""
        title = fields?["track"]?["title"]?.stringValue?.prefix(utf8: 4096) ?? ""
    }

    /// The document for the events of the job. Its dedupe key is empty, so that no event frees or reserves the key that
    /// an invalid document names; the gateway knows the job's own key.
    var document: JobDocument {
        JobDocument(
            jobID: jobID, batchID: batchID, kind: kind, dedupeKey: "", track: Track(artist: artist, title: title))
    }
}
