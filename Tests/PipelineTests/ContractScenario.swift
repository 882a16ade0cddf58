import Contracts
import Fakes
import Foundation
import TestSupport

/// Everything that clients, other services and an operator do in one run.
struct ContractScenario: Sendable {
    let client: ContractClient
    let stack: ServiceStack
    let spies: ContractSpies
    let collection: Collection
    let accounts: FakeSpotifyAccounts

    static let batch = "contract-batch"
    static let traceID = "4bf92f3577b34da6a3ce929d0e0e4736"
    static let directJob = "contract-direct"
    /// A path that no service serves.
    static let strayPath = "/api/v1/nothing"
    /// `no_match`, not audio, expired, a file that is gone, and two documents that violate the contract.
    static let deadLetters = 6
    /// One of them again after a requeue, and a job whose second search found nothing.
    static let laterDeadLetters = 2

    private static let downloads = "/api/v1/downloads"
    private static let oneJob = "/api/v1/downloads/{job_id}"
    private static let oneBatch = "/api/v1/batches/{batch_id}"
    private static let deadList = "/api/v1/dlq"
    private static let requeue = "/api/v1/dlq/requeue"
    private static let purge = "/api/v1/dlq/purge"
    private static let peers = "/api/v1/peers"
    private static let ban = "/api/v1/peers/ban"
    private static let unban = "/api/v1/peers/unban"

    /// Fills the source folder with three tracks and a file that is not audio.
    init(_ stack: ServiceStack, _ spies: ContractSpies, _ accounts: FakeSpotifyAccounts) throws {
        self.accounts = accounts
        self.stack = stack
        self.spies = spies
        client = ContractClient(stack, key: ContractRun.apiKey)
        collection = try Collection(count: 3, in: stack.source)
        try Data("a shopping list\n".utf8).write(to: stack.source.appending(path: "The Forgers - Not A Song.mp3"))
    }

    /// Runs all steps.
    /// - Returns: The link messages for the planner.
    func run() async throws -> [BrokerMessage] {
        try await submit()
        try await submitAgain()
        try await submitInvalid()
        try await publishAsClient()
        try await read()
        try await operate()
        try await review()
        try await banPeers()
        let links = try await requestWithoutPlanner()
        try await requestLists()
        try await signIn()
        try await callServices()
        try await sendRejected()
        try await checkHealth()
        try await removeDependencies()
        return links
    }
}

// MARK: - Submissions over HTTP

extension ContractScenario {
    private func submit() async throws {
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

    private func submitAgain() async throws {
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

    private func submitInvalid() async throws {
        let bodies = [
            #"{"items":[{"artist":"A"}]}"#, "{ this is not JSON", #"{"items":[]}"#,
            String(repeating: " ", count: 9000),
        ]
        for body in bodies { try await client.send("post", Self.downloads, body: body) }
        try await client.send("post", Self.downloads, body: "{}", headers: ["X-API-Key": "wrong"])
    }

    private func text(of items: [SubmissionItem], batch: String) throws -> String {
        var submission = Submission(items: items)
        submission.batchID = batch
        submission.requestedBy = "contract"
        return try text(of: submission)
    }

    private func text(of document: some Encodable) throws -> String {
        String(decoding: try ContractCoding.encode(document), as: UTF8.self)
    }

    private func waitForEnd(ofBatch batch: String) async throws {
        try await eventually("batch \(batch) has ended", timeout: .seconds(60)) {
            let response = try await client.poll("get", Self.oneBatch, batch)
            return response.status == 200 && response.json?["state"] != "running"
        }
    }
}

// MARK: - Messages of other programs

extension ContractScenario {
    private func publishAsClient() async throws {
        let request = try text(of: [collection.submission.items[2]], batch: "contract-amqp")
        try await publish(request, to: "hdm.intake", "submit", ["correlation_id": "c-1", "message_id": "stranger-1"])
        try await publish(#"{"items":[{"title":"No artist"}]}"#, to: "hdm.intake", "submit", ["correlation_id": "c-2"])
        try await publish(try text(of: jobWithoutFile), to: "hdm.jobs", "job.download", ["type": "hdm.job.v1"])
        try await publish("{}", to: "hdm.jobs", "job.tag", ["type": "hdm.job.v1"])
        try await eventually("both submissions are answered", timeout: .seconds(30)) {
            try await spies.vhost.depth(of: ContractSpies.replies) == 2
        }
        try await waitForEnd(ofBatch: "contract-amqp")
        try await eventually("the job without a file has ended", timeout: .seconds(30)) {
            try await client.poll("get", Self.oneJob, Self.directJob).json?["state"] == "dead_letter"
        }
    }

    /// A job whose file is gone. It is searched again after a pause, without a match.
    private var jobWithoutFile: JobDocument {
        get throws {
            let id = try ContractCoding.decode(JobID.self, from: Data("\"\(Self.directJob)\"".utf8))
            var job = JobDocument(jobID: id, track: Track(artist: "The Vanished", title: "Gone"))
            let path = stack.source.appending(path: "gone.flac").path
            job.match = MatchSection(
                score: 1, components: [:], candidates: [Candidate(source: "folder", path: path, size: 1000, score: 1)])
            return job
        }
    }

    private func publish(
        _ body: String, to exchange: String, _ key: String, _ own: [String: JSONValue]
    ) async throws {
        var properties: [String: JSONValue] = [
            "content_type": "application/json", "app_id": .string(BrokerMessage.testAppID),
        ]
        if exchange == "hdm.intake" { properties["reply_to"] = .string(ContractSpies.replies) }
        properties.merge(own) { _, new in new }
        try await spies.vhost.publish(body, to: exchange, key: key, properties: properties)
    }
}

// MARK: - Reading

extension ContractScenario {
    private func read() async throws {
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
}

// MARK: - Dead letters

extension ContractScenario {
    private func operate() async throws {
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

    private func banPeers() async throws {
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

    private func act(_ path: String, _ ids: [String], dryRun: Bool = false) async throws {
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

// MARK: - Health

extension ContractScenario {
    private func checkHealth() async throws {
        for service in ServiceName.allCases {
            for path in ["/live", "/ready", "/metrics", Self.strayPath] {
                try await client.send("get", path, at: service)
            }
        }
        try await client.send("get", "/api/health/live")
        try await client.send("get", "/api/health/ready")
        try await client.send("get", "/api/health/ready", query: "?verbose=1")
    }

    /// Removes the downloads volume for a while, then stops recovery and download.
    private func removeDependencies() async throws {
        let away = stack.folder.file("unmounted")
        try FileManager.default.moveItem(at: stack.downloads, to: away)
        for service in [ServiceName.gateway, .download, .move] {
            try await eventually("\(service) misses its volume", timeout: .seconds(30)) {
                try await client.poll("get", "/ready", at: service).status == 503
            }
            try await client.send("get", "/ready", at: service)
        }
        try await client.send("get", "/api/health/ready", query: "?verbose=1")
        try FileManager.default.moveItem(at: away, to: stack.downloads)
        try await stack.waitUntilReady()
        _ = try await stack.stop(.recovery)
        for path in [Self.deadList, "/api/v1/dlq/stats"] { try await client.send("get", path) }
        for path in [Self.requeue, Self.purge] { try await act(path, ["any"]) }
        _ = try await stack.stop(.download)
        try await client.send("get", Self.peers)
        for path in [Self.ban, Self.unban] { try await client.send("post", path, body: #"{"user":"late"}"#) }
    }
}
