import AMQP
import Contracts
import Foundation
import ServiceKit
import TestSupport
import Testing

@testable import Gateway
@testable import JobLedger

/// Doubtful matches in the gateway's database and over HTTP.
@Suite struct GatewayReviewTests {
    // MARK: - Arrival

    @Test func `A review is open with its evidence, and a repeated message changes nothing`() async throws {
        try await withGatewayRoutes { gateway, client in
            let match = try await gateway.doubtful()
            #expect(try await gateway.store.openReview(of: match.job, at: match.step) == .repeated)
            let list = try await client.get("/api/v1/reviews")
            #expect(list.json["total"] == 1)
            #expect(list.json["items"]?.first?["candidates"] == 2)
            #expect(list.json["items"]?.first?["because"] == "it may be another version")
            let shown = try await client.get("/api/v1/reviews/\(match.job.jobID)").json
            #expect(shown["status"] == "open")
            #expect(shown["candidates"]?.at(1)?["key"] == .string(DoubtfulMatch.demo))
            #expect(shown["candidates"]?.at(1)?["index"] == 1)
            #expect(shown["refused"]?.first?["vetoes"]?.first?["reason"] == "karaoke")
            #expect(shown["track"]?["title"] == "Sinnerman")
            #expect(try await gateway.store.openReviews() == 1)
        }
    }

    @Test func `A repeated delivery does not open a decided review again`() async throws {
        try await withGatewayRoutes { gateway, client in
            let match = try await gateway.doubtful()
            #expect(try await client.decide(match.job.jobID, "reject").status == 200)
            #expect(try await gateway.store.openReview(of: match.job, at: match.step) == .repeated)
            #expect(try await client.get("/api/v1/reviews/\(match.job.jobID)").json["status"] == "rejected")
            #expect(try await gateway.job(match.job.jobID).summary.state == .cancelled)
        }
    }

    @Test func `A review that comes before any event of its job is decided all the same`() async throws {
        try await withGatewayRoutes { gateway, client in
            let match = DoubtfulMatch()
            #expect(try await gateway.store.openReview(of: match.job, at: match.step) == .open)
            #expect(try await client.decide(match.job.jobID, "approve", #"{"candidate":0}"#).status == 200)
            // The events of the way there, late and in disorder.
            try await gateway.apply(match.event, match.event(.started, .matching))
            let job = try await gateway.job(match.job.jobID)
            #expect(job.summary.state == .downloading)
            #expect(job.timeline.map(\.event) == ["job.match.started", "job.match.review", "job.match.completed"])
        }
    }

    @Test func `A job that continued without a decision has no open review`() async throws {
        try await withGatewayRoutes { gateway, client in
            let match = try await gateway.doubtful()
            // A process died before its ack, and the second run was sure.
            try await gateway.apply(match.event(.completed, .downloading))
            let shown = try await client.get("/api/v1/reviews/\(match.job.jobID)")
            #expect(shown.json["status"] == "superseded")
            let response = try await client.decide(match.job.jobID, "approve", #"{"candidate":0}"#)
            #expect(response.status == 409)
            #expect(response.json["error"]?["message"]?.stringValue?.contains("downloading") == true)
            #expect(try await gateway.posted(match.job.jobID).isEmpty)

            let late = DoubtfulMatch()
            try await gateway.apply(late.event(.completed, .downloading))
            #expect(try await gateway.store.openReview(of: late.job, at: late.step) == .late)
            #expect(try await gateway.store.openReviews() == 0)
        }
    }

    @Test func `A later review of a job supersedes earlier ones, in any order of arrival`() async throws {
        try await withGatewayRoutes { gateway, client in
            let first = try await gateway.doubtful()
            var second = DoubtfulMatch(first.job.jobID, hop: 5)
            second.job.match?.explanation = "still in doubt"
            #expect(try await gateway.store.openReview(of: second.job, at: second.step) == .open)
            let between = DoubtfulMatch(first.job.jobID, hop: 3)
            #expect(try await gateway.store.openReview(of: between.job, at: between.step) == .late)
            #expect(
                try await client.get("/api/v1/reviews/\(first.job.jobID)").json["because"] == "still in doubt")
            #expect(try await client.get("/api/v1/reviews").json["total"] == 1)
            #expect(try await client.get("/api/v1/reviews?status=superseded").json["total"] == 2)
            #expect(try await client.get("/api/v1/reviews?status=all").json["total"] == 3)
        }
    }

    // MARK: - Approval

    @Test func `An approved candidate goes to the download stage only, with an event`() async throws {
        try await withGatewayRoutes { gateway, client in
            let match = try await gateway.doubtful()
            let response = try await client.decide(match.job.jobID, "approve", #"{"candidate":1}"#)
            #expect(response.status == 200)
            #expect(response.json["keys"] == [.string(DoubtfulMatch.demo)])
            let posted = try await gateway.posted(match.job.jobID)
            #expect(posted.count == 2)
            let message = try #require(posted.first { $0.route.type == MessageType.job })
            #expect(message.route.exchange == ExchangeName.jobs)
            #expect(message.route.key == "job.download.hi")
            let step = JobStep(
                hop: match.step.hop + 1, generation: match.step.generation + 1, traceparent: match.step.traceparent)
            #expect(message.route.headers == step.headers)
            #expect(try gateway.claims.isStale(match.job.jobID, generation: match.step.generation))
            let job = try message.job()
            #expect(job.match?.candidates.map(\.key.rawValue) == [DoubtfulMatch.demo])
            #expect(job.verdicts?.approved.map(\.rawValue) == [DoubtfulMatch.demo])
            let event = try #require(posted.first { $0.route.type == MessageType.event }).event()
            #expect(event.event == "job.match.completed" && event.state == .downloading)
            #expect(event.sequence > match.event.sequence)
            #expect(try await gateway.job(match.job.jobID).summary.state == .downloading)
            // The decision of the match stage is still shown.
            let told = try await client.get("/api/v1/matches/\(match.job.jobID)").json
            #expect(told["outcome"] == "review")
            #expect(told["review"]?["status"] == "approved")
            #expect(told["review"]?["keys"] == [.string(DoubtfulMatch.demo)])
        }
    }

    @Test func `A refused file may be approved by its key`() async throws {
        try await withGatewayRoutes { gateway, client in
            let match = try await gateway.doubtful()
            let response = try await client.decide(
                match.job.jobID, "approve", #"{"key":"\#(DoubtfulMatch.karaoke)"}"#)
            #expect(response.status == 200)
            let job = try await gateway.posted(match.job.jobID).first { $0.route.type == MessageType.job }?.job()
            #expect(job?.match?.candidates.map(\.path) == ["music\\Sinnerman (Karaoke).mp3"])
        }
    }

    @Test func `With one candidate left nothing has to be named`() async throws {
        try await withGatewayRoutes { gateway, client in
            let match = try await gateway.doubtful()
            let vague = try await client.decide(match.job.jobID, "approve", "")
            #expect(vague.status == 400)
            #expect(vague.json["error"]?["meta"]?["field"] == "/candidate")
            #expect(try await client.decide(match.job.jobID, "reject", #"{"candidates":[0]}"#).status == 200)
            let response = try await client.decide(match.job.jobID, "approve", "")
            #expect(response.json["keys"] == [.string(DoubtfulMatch.demo)])
        }
    }

    @Test func `The same decision again gets the same response; another one is a conflict`() async throws {
        try await withGatewayRoutes { gateway, client in
            let id = try await gateway.doubtful().job.jobID
            let first = try await client.decide(id, "approve", #"{"candidate":1}"#)
            for body in [#"{"candidate":1}"#, #"{"key":"\#(DoubtfulMatch.demo)"}"#] {
                let again = try await client.decide(id, "approve", body)
                #expect(again.status == 200)
                #expect(again.json == first.json)
            }
            for (verb, body) in [
                ("approve", #"{"candidate":0}"#), ("reject", "{}"), ("reject", #"{"candidates":[0]}"#),
                ("search", #"{"query":"w"}"#),
            ] {
                let other = try await client.decide(id, verb, body)
                #expect(other.status == 409, "\(verb) \(body)")
                #expect(other.json["error"]?["code"] == "CONFLICT")
                #expect(other.json["error"]?["message"]?.stringValue?.contains(DoubtfulMatch.demo) == true)
            }
            #expect(try await gateway.posted(id).count == 2)
        }
    }

    @Test func `Of two concurrent decisions, one applies`() async throws {
        try await withGatewayRoutes { gateway, client in
            let id = try await gateway.doubtful().job.jobID
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for place in 0..<8 {
                    group.addTask {
                        try await client.decide(id, "approve", #"{"candidate":\#(place % 2)}"#).status
                    }
                }
                return try await group.reduce(into: [Int: Int]()) { $0[$1, default: 0] += 1 }
            }
            #expect(statuses == [200: 4, 409: 4])
            #expect(try await gateway.posted(id).count == 2)
        }
    }
}

extension JSONValue {
    /// An element of a list.
    func at(_ index: Int) -> JSONValue? {
        guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
        return elements[index]
    }
}
