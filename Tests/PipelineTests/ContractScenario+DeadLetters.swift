import Contracts
import Foundation
import TestSupport

// Reads, and operations on dead letters and peers.
extension ContractScenario {
    private static let downloads = "/api/v1/downloads"
    private static let oneJob = "/api/v1/downloads/{job_id}"
    private static let oneBatch = "/api/v1/batches/{batch_id}"
    private static let deadList = "/api/v1/dlq"
    private static let requeue = "/api/v1/dlq/requeue"
    private static let purge = "/api/v1/dlq/purge"
    private static let peers = "/api/v1/peers"
    private static let ban = "/api/v1/peers/ban"
    private static let unban = "/api/v1/peers/unban"

    func read() async throws {
        let batch = "?batch_id=\(Self.batch)"
        let list = try await client.send("get", Self.downloads, query: batch + "&status=completed,failed&limit=3")
        for job in list.json?["items"]?.elements ?? [] {
            try await client.send("get", Self.oneJob, job["job_id"]?.stringValue ?? "")
        }
        try await client.send("get", Self.oneJob, Self.directJob)
        try await client.send("get", Self.oneJob, "unknown")
        try await client.send("get", Self.oneBatch, Self.batch)
        try await client.send("get", Self.oneBatch, "unknown")
        try await client.send("get", Self.downloads, query: "?limit=0")
        try await client.send("get", Self.downloads, query: "?status=sleeping")
        let wrong = ["X-API-Key": "wrong"]
        try await client.send("get", Self.downloads, headers: wrong)
        try await client.send("get", Self.oneJob, "unknown", headers: wrong)
        try await client.send("get", Self.oneBatch, "unknown", headers: wrong)
        for path in [Self.deadList, "/api/v1/dlq/stats"] { try await client.send("get", path, headers: wrong) }
        for path in [Self.requeue, Self.purge] { try await client.send("post", path, body: "{}", headers: wrong) }
    }

    func operate() async throws {
        let deadLetters = try await listed { $0.count == Self.deadLetters }
        let query = "?page=1&page_size=2&order_by=updated_at&order_dir=asc&reason=no_match&stage=match"
        try await client.send("get", Self.deadList, query: query)
        try await client.send("get", Self.deadList, query: "?order_by=size")
        try await client.send("get", "/api/v1/dlq/stats")
        try await requeue(deadLetters)
        try await purge(deadLetters)
        for path in [Self.requeue, Self.purge] {
            try await act(path, ["unknown"])
            try await client.send("post", path, body: "{}")
            try await client.send("post", path, body: String(repeating: " ", count: 9000))
        }
    }

    private func requeue(_ deadLetters: [JSONValue]) async throws {
        let forgery = ids(deadLetters) { $0["stage"] == "tag" && $0["reason"] == "verification_failed" }
        let invalid = ids(deadLetters) { $0["reason"] == "invalid_payload" }
        try await act(Self.requeue, forgery + invalid, dryRun: true)
        try await act(Self.requeue, forgery + invalid)
        // The file is still not audio.
        _ = try await listed { deadLetters in deadLetters.contains { $0["requeues"] == 1 } }
    }

    private func purge(_ deadLetters: [JSONValue]) async throws {
        let unmatched = ids(deadLetters) { $0["reason"] == "no_match" }
        try await act(Self.purge, unmatched, dryRun: true)
        try await act(Self.purge, unmatched)
        try await act(Self.purge, unmatched)
        try await client.send("post", Self.purge, body: #"{"older_than":"30d","reason":"expired","dry_run":true}"#)
        try await client.send("post", Self.purge, body: #"{"older_than":"0s"}"#)
    }

    func banPeers() async throws {
        for path in [Self.ban, Self.unban] {
            try await client.send("post", path, body: #"{"user":"noisy","reason":"sends noise"}"#)
            try await client.send("post", path, body: #"{"user":""}"#)
            try await client.send("post", path, body: "{}", headers: ["X-API-Key": "wrong"])
            try await client.send("post", path, body: String(repeating: " ", count: 9000))
        }
        try await client.send("post", Self.ban, body: #"{"user":"rude"}"#)
        try await client.send("get", Self.peers, query: "?limit=10&offset=0")
        try await client.send("get", Self.peers, query: "?limit=none")
        try await client.send("get", Self.peers, headers: ["X-API-Key": "wrong"])
    }

    func act(_ path: String, _ ids: [String], dryRun: Bool = false) async throws {
        let body: JSONValue = ["ids": .array(ids.map { .string($0) }), "dry_run": .bool(dryRun)]
        try await client.send("post", path, body: try text(of: body))
    }

    private func ids(_ deadLetters: [JSONValue], where fits: (JSONValue) -> Bool) -> [String] {
        deadLetters.filter(fits).compactMap { $0["id"]?.stringValue }
    }

    private func listed(_ isComplete: ([JSONValue]) -> Bool) async throws -> [JSONValue] {
        try await eventually("the dead letters are listed", timeout: .seconds(30)) {
            let response = try await client.poll("get", Self.deadList, query: "?page_size=100")
            let deadLetters = response.json?["data"]?["items"]?.elements ?? []
            return isComplete(deadLetters) ? deadLetters : nil
        }
    }
}
