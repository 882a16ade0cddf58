import Contracts
import Foundation
import TestSupport

// Messages of other programs.
extension ContractScenario {
    private static let oneJob = "/api/v1/downloads/{job_id}"

    func publishAsClient() async throws {
        let request = try text(of: [collection.submission.items[2]], batch: "contract-amqp")
        try await publish(request, to: "hdm.intake", "submit", ["correlation_id": "c-1", "message_id": "stranger-1"])
        try await publish(#"{"items":[{"title":"No artist"}]}"#, to: "hdm.intake", "submit", ["correlation_id": "c-2"])
        try await publish(try text(of: jobWithoutFile), to: "hdm.jobs", "job.download", ["type": "hdm.job.v1"])
        try await publish("{}", to: "hdm.jobs", "job.tag", ["type": "hdm.job.v1"])
        try await publish(try jobWithNumbersAtTheirLimits(), to: "hdm.jobs", "job.download", ["type": "hdm.job.v1"])
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

    /// A document whose numbers no service may calculate with.
    private func jobWithNumbersAtTheirLimits() throws -> String {
        var job = JobDocument(track: Track(artist: "The Vanished", title: "Overflow"))
        job.transfer = TransferSection(round: .max)
        job.standingTries = .max
        return try text(of: job)
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
