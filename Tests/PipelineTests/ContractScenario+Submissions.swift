import Contracts
import Foundation
import TestSupport

// Submissions over HTTP.
extension ContractScenario {
    private static let downloads = "/api/v1/downloads"
    private static let oneBatch = "/api/v1/batches/{batch_id}"

    func submit() async throws {
        let requests =
            Array(collection.submission.items.prefix(2)) + [
                SubmissionItem(track: Track(artist: "Nobody At All", title: "Never Recorded")),
                SubmissionItem(track: Track(artist: "The Forgers", title: "Not A Song")),
            ]
        let headers = [
            "Idempotency-Key": "contract-1", "traceparent": "00-\(Self.traceID)-00f067aa0ba902b7-01",
        ]
        let body = try text(of: requests, batch: Self.batch)
        try await client.send("post", Self.downloads, body: body, headers: headers)
        try await client.send("post", Self.downloads, body: body, headers: headers)
        let other = try text(of: [requests[0]], batch: "contract-other")
        try await client.send("post", Self.downloads, body: other, headers: headers)
        try await waitForEnd(ofBatch: Self.batch)
    }

    func submitAgain() async throws {
        var again = collection.submission.items[0]
        try await client.send("post", Self.downloads, body: try text(of: [again], batch: "contract-again"))
        again.dedupeKey = "once-more"
        try await client.send("post", Self.downloads, body: try text(of: [again], batch: "contract-twice"))
        var expired = Submission(items: [SubmissionItem(track: Track(artist: "The Late", title: "Too Late"))])
        expired.batchID = "contract-expired"
        expired.expiresAt = Timestamp("2020-01-01T00:00:00Z")
        try await client.send("post", Self.downloads, body: try text(of: expired))
        for batch in ["contract-twice", "contract-expired"] { try await waitForEnd(ofBatch: batch) }
    }

    func submitInvalid() async throws {
        let bodies = [
            #"{"items":[{"artist":"A"}]}"#, "{ this is not JSON", #"{"items":[]}"#,
            String(repeating: " ", count: 9000),
        ]
        for body in bodies { try await client.send("post", Self.downloads, body: body) }
        try await client.send("post", Self.downloads, body: "{}", headers: ["X-API-Key": "wrong"])
    }

    func text(of items: [SubmissionItem], batch: String) throws -> String {
        var submission = Submission(items: items)
        submission.batchID = batch
        submission.requestedBy = "contract"
        return try text(of: submission)
    }

    func text(of document: some Encodable) throws -> String {
        String(decoding: try ContractCoding.encode(document), as: UTF8.self)
    }

    func waitForEnd(ofBatch batch: String) async throws {
        try await eventually("batch \(batch) has ended", timeout: .seconds(60)) {
            let response = try await client.poll("get", Self.oneBatch, batch)
            return response.status == 200 && response.json?["state"] != "running"
        }
    }
}
