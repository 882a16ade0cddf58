import Contracts
import Foundation
import Fakes
import TestSupport

/// What clients, other services and an operator do in one run: everything that makes the system say something.
struct ContractScenario: Sendable {
    let client: ContractClient
    let stack: ServiceStack
    let spies: ContractSpies
    let collection: Collection
    let accounts: FakeSpotifyAccounts

    static let batch = "contract-batch"
    static let traceID = "4bf92f3577b34da6a3ce929d0e0e4736"
    static let directJob = "contract-direct"
    /// A path that no service has.
    static let strayPath = "/api/v1/nothing"
    /// `no_match`, not audio, expired, a file that is gone, and two documents that break the contract.
    static let deadLetters = 6
    /// One of them again, which an operator sent back to work; and a job that was searched for anew in vain.
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

    /// Fills the source folder: three tracks, and a file that is no audio.
    init(_ stack: ServiceStack, _ spies: ContractSpies, _ accounts: FakeSpotifyAccounts) throws {
        self.accounts = accounts
        self.stack = stack
        self.spies = spies
        client = ContractClient(stack, key: ContractRun.apiKey)
        collection = try Collection(count: 3, in: stack.source)
        try Data("a shopping list\n".utf8).write(to: stack.source.appending(path: "The Forgers - Not A Song.mp3"))
    }

    func play() async throws {
        try await submit()
        try await submitWhatIsKnown()
        try await submitNonsense()
        try await publishAsStranger()
        try await read()
        try await operate()
        try await review()
        try await judgePeers()
        try await askForMany()
        try await signIn()
        try await knockWithAWrongKey()
        try await askForHealth()
        try await endure()
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
        try await client.ask("post", Self.downloads, body: body, headers: headers)
        try await client.ask("post", Self.downloads, body: body, headers: headers)
        let other = try text(of: [requests[0]], batch: "contract-other")
        try await client.ask("post", Self.downloads, body: other, headers: headers)
        try await waitForEnd(ofBatch: Self.batch)
    }

    private func submitWhatIsKnown() async throws {
        var again = collection.submission.items[0]
        try await client.ask("post", Self.downloads, body: try text(of: [again], batch: "contract-again"))
        again.dedupeKey = "once-more"
        try await client.ask("post", Self.downloads, body: try text(of: [again], batch: "contract-twice"))
        var expired = Submission(items: [SubmissionItem(track: Track(artist: "The Late", title: "Too Late"))])
        expired.batchID = "contract-expired"
        expired.expiresAt = Timestamp("2020-01-01T00:00:00Z")
        try await client.ask("post", Self.downloads, body: try text(of: expired))
        for batch in ["contract-twice", "contract-expired"] { try await waitForEnd(ofBatch: batch) }
    }

    private func submitNonsense() async throws {
        let bodies = [
            #"{"items":[{"artist":"A"}]}"#, "{ this is not JSON", #"{"items":[]}"#,
            String(repeating: " ", count: 9000),
        ]
        for body in bodies { try await client.ask("post", Self.downloads, body: body) }
        try await client.ask("post", Self.downloads, body: "{}", headers: ["X-API-Key": "wrong"])
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
            let answer = try await client.look("get", Self.oneBatch, batch)
            return answer.status == 200 && answer.json?["state"] != "running"
        }
    }
}

// MARK: - Messages of other services

extension ContractScenario {
    private func publishAsStranger() async throws {
        let request = try text(of: [collection.submission.items[2]], batch: "contract-amqp")
        try await publish(request, to: "hdm.intake", "submit", ["correlation_id": "c-1", "message_id": "stranger-1"])
        try await publish(#"{"items":[{"title":"No artist"}]}"#, to: "hdm.intake", "submit", ["correlation_id": "c-2"])
        try await publish(try text(of: jobWithoutFile), to: "hdm.jobs", "job.download", ["type": "hdm.job.v1"])
        try await publish("{}", to: "hdm.jobs", "job.tag", ["type": "hdm.job.v1"])
        try await eventually("both submissions are answered", timeout: .seconds(30)) {
            try await spies.vhost.depth(of: ContractSpies.answers) == 2
        }
        try await waitForEnd(ofBatch: "contract-amqp")
        try await eventually("the job without a file has ended", timeout: .seconds(30)) {
            try await client.look("get", Self.oneJob, Self.directJob).json?["state"] == "dead_letter"
        }
    }

    /// A job whose file is gone: it is searched for anew after a pause, in vain.
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
        if exchange == "hdm.intake" { properties["reply_to"] = .string(ContractSpies.answers) }
        properties.merge(own) { _, new in new }
        try await spies.vhost.publish(body, to: exchange, key: key, properties: properties)
    }
}

// MARK: - Reading

extension ContractScenario {
    private func read() async throws {
        let batch = "?batch_id=\(Self.batch)"
        let list = try await client.ask("get", Self.downloads, query: batch + "&status=completed,failed&limit=3")
        for job in list.json?["items"]?.elements ?? [] {
            try await client.ask("get", Self.oneJob, job["job_id"]?.stringValue ?? "")
        }
        try await client.ask("get", Self.oneJob, Self.directJob)
        try await client.ask("get", Self.oneJob, "unknown")
        try await client.ask("get", Self.oneBatch, Self.batch)
        try await client.ask("get", Self.oneBatch, "unknown")
        try await client.ask("get", Self.downloads, query: "?limit=0")
        try await client.ask("get", Self.downloads, query: "?status=sleeping")
        let wrong = ["X-API-Key": "wrong"]
        try await client.ask("get", Self.downloads, headers: wrong)
        try await client.ask("get", Self.oneJob, "unknown", headers: wrong)
        try await client.ask("get", Self.oneBatch, "unknown", headers: wrong)
        for path in [Self.deadList, "/api/v1/dlq/stats"] { try await client.ask("get", path, headers: wrong) }
        for path in [Self.requeue, Self.purge] { try await client.ask("post", path, body: "{}", headers: wrong) }
    }
}

// MARK: - Dead letters

extension ContractScenario {
    private func operate() async throws {
        let letters = try await listed { $0.count == Self.deadLetters }
        let query = "?page=1&page_size=2&order_by=updated_at&order_dir=asc&reason=no_match&stage=match"
        try await client.ask("get", Self.deadList, query: query)
        try await client.ask("get", Self.deadList, query: "?order_by=size")
        try await client.ask("get", "/api/v1/dlq/stats")
        try await requeue(letters)
        try await purge(letters)
        for path in [Self.requeue, Self.purge] {
            try await act(path, ["unknown"])
            try await client.ask("post", path, body: "{}")
            try await client.ask("post", path, body: String(repeating: " ", count: 9000))
        }
    }

    private func requeue(_ letters: [JSONValue]) async throws {
        let forgery = ids(letters) { $0["stage"] == "tag" && $0["reason"] == "verification_failed" }
        let invalid = ids(letters) { $0["reason"] == "invalid_payload" }
        try await act(Self.requeue, forgery + invalid, dryRun: true)
        try await act(Self.requeue, forgery + invalid)
        // It is no more audio than before.
        _ = try await listed { letters in letters.contains { $0["requeues"] == 1 } }
    }

    private func purge(_ letters: [JSONValue]) async throws {
        let unmatched = ids(letters) { $0["reason"] == "no_match" }
        try await act(Self.purge, unmatched, dryRun: true)
        try await act(Self.purge, unmatched)
        try await act(Self.purge, unmatched)
        try await client.ask("post", Self.purge, body: #"{"older_than":"30d","reason":"expired","dry_run":true}"#)
        try await client.ask("post", Self.purge, body: #"{"older_than":"0s"}"#)
    }

    private func judgePeers() async throws {
        for path in [Self.ban, Self.unban] {
            try await client.ask("post", path, body: #"{"user":"noisy","reason":"sends noise"}"#)
            try await client.ask("post", path, body: #"{"user":""}"#)
            try await client.ask("post", path, body: "{}", headers: ["X-API-Key": "wrong"])
            try await client.ask("post", path, body: String(repeating: " ", count: 9000))
        }
        try await client.ask("post", Self.ban, body: #"{"user":"rude"}"#)
        try await client.ask("get", Self.peers, query: "?limit=10&offset=0")
        try await client.ask("get", Self.peers, query: "?limit=none")
        try await client.ask("get", Self.peers, headers: ["X-API-Key": "wrong"])
    }

    private func act(_ path: String, _ ids: [String], dryRun: Bool = false) async throws {
        let body: JSONValue = ["ids": .array(ids.map { .string($0) }), "dry_run": .bool(dryRun)]
        try await client.ask("post", path, body: try text(of: body))
    }

    private func ids(_ letters: [JSONValue], where fits: (JSONValue) -> Bool) -> [String] {
        letters.filter(fits).compactMap { $0["id"]?.stringValue }
    }

    private func listed(_ isComplete: ([JSONValue]) -> Bool) async throws -> [JSONValue] {
        try await eventually("the dead letters are listed", timeout: .seconds(30)) {
            let answer = try await client.look("get", Self.deadList, query: "?page_size=100")
            let letters = answer.json?["data"]?["items"]?.elements ?? []
            return isComplete(letters) ? letters : nil
        }
    }
}

// MARK: - Health

extension ContractScenario {
    private func askForHealth() async throws {
        for service in ServiceName.allCases {
            for path in ["/live", "/ready", "/metrics", Self.strayPath] {
                try await client.ask("get", path, at: service)
            }
        }
        try await client.ask("get", "/api/health/live")
        try await client.ask("get", "/api/health/ready")
        try await client.ask("get", "/api/health/ready", query: "?verbose=1")
    }

    /// The downloads volume goes away and comes back; recovery stops.
    private func endure() async throws {
        let away = stack.folder.file("unmounted")
        try FileManager.default.moveItem(at: stack.downloads, to: away)
        for service in [ServiceName.gateway, .download, .move] {
            try await eventually("\(service) misses its volume", timeout: .seconds(30)) {
                try await client.look("get", "/ready", at: service).status == 503
            }
            try await client.ask("get", "/ready", at: service)
        }
        try await client.ask("get", "/api/health/ready", query: "?verbose=1")
        try FileManager.default.moveItem(at: away, to: stack.downloads)
        try await stack.waitUntilReady()
        _ = try await stack.stop(.recovery)
        for path in [Self.deadList, "/api/v1/dlq/stats"] { try await client.ask("get", path) }
        for path in [Self.requeue, Self.purge] { try await act(path, ["any"]) }
        _ = try await stack.stop(.download)
        try await client.ask("get", Self.peers)
        for path in [Self.ban, Self.unban] { try await client.ask("post", path, body: #"{"user":"late"}"#) }
    }
}
