import Contracts
import Fakes
import Foundation
import TestSupport

// Doubtful matches, and the decisions of a person about them.
extension ContractScenario {
    private static let reviews = "/api/v1/reviews"
    private static let oneReview = "/api/v1/reviews/{job_id}"
    private static let verbs = ["approve", "reject", "search"].map { "/api/v1/reviews/{job_id}/\($0)" }
    private static let oneMatch = "/api/v1/matches/{job_id}"

    func review() async throws {
        let jobs = ["contract-approved", "contract-rejected", "contract-searched"]
        for job in jobs { try await publishDoubtful(job) }
        try await eventually("the reviews wait", timeout: .seconds(30)) {
            try await client.poll("get", Self.reviews).json?["total"]?.integerValue == Int64(jobs.count)
        }
        try await readReviews(of: jobs[0])
        try await sendInvalidReviews(about: jobs[0])
        for (index, body) in ["", "{}"].enumerated() {
            try await client.send("post", Self.verbs[index], jobs[index], body: body)
            try await client.send("post", Self.verbs[index], jobs[index], body: body)
            // Contradicts the first decision.
            try await client.send("post", Self.verbs[1 - index], jobs[index], body: "{}")
        }
        // No file has such a name, so this search ends in a dead letter.
        try await client.send("post", Self.verbs[2], jobs[2], body: #"{"query":"nothing of the kind"}"#)
        try await client.send("post", Self.verbs[2], jobs[0], body: #"{"query":"late"}"#)
        try await readReviews(of: jobs[2])
        for job in jobs { try await waitForEnd(of: job) }
    }

    private func readReviews(of job: String) async throws {
        try await client.send("get", Self.reviews, query: "?status=all&limit=2&offset=1")
        try await client.send("get", Self.oneReview, job)
        try await client.send("get", Self.oneMatch, job)
    }

    private func sendInvalidReviews(about job: String) async throws {
        let wrong = ["X-API-Key": "wrong"]
        try await client.send("get", Self.reviews, query: "?status=sleeping")
        try await client.send("get", Self.reviews, headers: wrong)
        for path in [Self.oneReview, Self.oneMatch] {
            try await client.send("get", path, "unknown")
            try await client.send("get", path, job, headers: wrong)
        }
        for path in Self.verbs {
            let body = path.hasSuffix("search") ? #"{"query":"w"}"# : "{}"
            try await client.send("post", path, "unknown", body: body)
            try await client.send("post", path, job, body: body, headers: wrong)
            try await client.send("post", path, job, body: #"{"stray":1}"#)
            try await client.send("post", path, job, body: String(repeating: " ", count: 9000))
        }
    }

    /// Publishes a job with one doubtful candidate, an existing file, as the match stage does.
    private func publishDoubtful(_ name: String) async throws {
        let id = try ContractCoding.decode(JobID.self, from: Data("\"\(name)\"".utf8))
        let source = stack.source.appending(path: "doubtful").appending(path: name)
        let file = try AudioFixture.flac.copy(to: source, named: "Take").path
        let size = Int64(try Data(contentsOf: URL(filePath: file)).count)
        var job = JobDocument(jobID: id, track: Track(artist: "The Doubtful", title: "Unheard \(name)"))
        let candidate = Candidate(source: "folder", path: file, size: size, score: 0.7)
        job.match = MatchSection(score: 0.7, components: ["title": 0.7], candidates: [candidate])
        let properties: [String: JSONValue] = [
            "content_type": "application/json", "type": "hdm.job.v1", "app_id": .string(BrokerMessage.testAppID),
        ]
        try await spies.vhost.publish(
            String(decoding: try ContractCoding.encode(job), as: UTF8.self), to: "hdm.jobs", key: "job.review",
            properties: properties)
    }

    private func waitForEnd(of job: String) async throws {
        try await eventually("\(job) has ended", timeout: .seconds(60)) {
            let state = try await client.poll("get", "/api/v1/downloads/{job_id}", job).json?["state"]?.stringValue
            return state.flatMap(JobState.init(rawValue:))?.isFinal == true
        }
    }
}
