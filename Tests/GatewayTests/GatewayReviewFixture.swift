import Contracts
import Foundation
import ServiceKit
import TestSupport

@testable import Gateway
@testable import JobLedger

/// A doubtful match in the form that the match stage publishes.
struct DoubtfulMatch: Sendable {
    var job: JobDocument
    var envelope = JobEnvelope()

    static let track = Track(artist: "Nina Simone", title: "Sinnerman")
    static let live = "1000/sinnerman (live).flac"
    static let demo = "2000/sinnerman (demo).flac"
    static let karaoke = "3000/sinnerman (karaoke).mp3"

    /// Two candidates, and a file that was refused.
    init(_ id: JobID = JobID(), key: String? = nil, hop: Int = 1, requeues: Int = 0) {
        job = JobDocument(jobID: id, dedupeKey: key, track: Self.track)
        job.priority = 7
        job.match = MatchSection(
            score: 0.75, components: ["title": 1],
            candidates: [Self.file("Sinnerman (Live).flac", 1000), Self.file("Sinnerman (Demo).flac", 2000)])
        job.match?.outcome = .review
        job.match?.explanation = "it may be another version"
        var refused = Self.file("Sinnerman (Karaoke).mp3", 3000)
        refused.vetoes = [Veto(kind: .version, reason: "karaoke")]
        job.match?.refused = [refused]
        job.match?.searches = [SearchYield(source: "slskd", variant: .full, query: "nina simone sinnerman")]
        envelope.hop = hop
        envelope.requeues = requeues
        envelope.traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    }

    var step: JobStep {
        JobStep(hop: envelope.hop, generation: envelope.requeues, traceparent: envelope.traceparent)
    }

    static func file(_ name: String, _ size: Int64, by user: String = "peer") -> Candidate {
        var file = Candidate(source: "slskd", user: user, path: "music\\\(name)", size: size, score: 0.75)
        file.components = ["title": 1, "version": 0.4]
        file.quality = "lossless16"
        return file
    }

    /// The event of the match stage about it.
    var event: JobEvent { event(.review, .review) }

    /// Another event of the match stage about the same step.
    func event(_ name: JobEvent.Name, _ state: JobState, hop: Int? = nil) -> JobEvent {
        JobEvent(
            name, of: job, at: .match, state: state, hop: hop ?? envelope.hop - 1, requeues: envelope.requeues,
            attempt: 1, worker: "match-test")
    }
}

extension GatewayFixture {
    /// A job that was submitted, matched with doubt, and waits for a person.
    func doubtful(key: String? = nil) async throws -> DoubtfulMatch {
        let explicit = key.map { #","dedupe_key":"\#($0)""# } ?? ""
        let response = try await submit(#"{"items":[{"artist":"Nina Simone","title":"Sinnerman"\#(explicit)}]}"#)
        guard let item = response.items.first, item.status == .enqueued else { throw NotThere() }
        let match = DoubtfulMatch(item.jobID, key: item.dedupeKey)
        try await apply(match.event(.started, .matching), match.event)
        guard case .open = try await store.openReview(of: match.job, at: match.step) else { throw NotThere() }
        return match
    }

    /// The messages about a job that wait to be published, except the new job itself.
    func posted(_ id: JobID) async throws -> [OutboxEntry] {
        let entries = try await store.lease(100, to: "reader", for: .seconds(0))
        return entries.filter { $0.jobID == id.text && $0.route.headers[MessageHeader.hop] != .integer(0) }
    }
}

extension RouteClient {
    /// Sends a decision about a job.
    func decide(_ id: JobID, _ verb: String, _ body: String = "{}") async throws -> RouteResponse {
        try await post("/api/v1/reviews/\(id)/\(verb)", body)
    }
}

extension OutboxEntry {
    func job() throws -> JobDocument { try ContractCoding.decode(JobDocument.self, from: body) }
    func event() throws -> JobEvent { try ContractCoding.decode(JobEvent.self, from: body) }
}
